/* What no manifest names goes. A manifest goes first, and its folder is synced, before a file that
   it names goes: so a manifest that can be found never lacks a file. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER_DIGITS 20u

struct numbers {
    u64 *at;
    u32 count;
};

static bool all_digits(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (text[i] < '0' || text[i] > '9') return false;
    return size > 0;
}

static void note(struct numbers *numbers, u64 number) {
    numbers->at = realloc(numbers->at, (numbers->count + 1) * sizeof *numbers->at);
    ENSURE(numbers->at);
    numbers->at[numbers->count++] = number;
}

static void note_folder(void *arg, const char *name) {
    if (strlen(name) != FOLDER_DIGITS || !all_digits(name, FOLDER_DIGITS)) return;
    u64 number = strtoull(name, NULL, 10);
    if (number && number < UINT64_MAX) note(arg, number);
}

static int by_number(const void *a, const void *b) {
    u64 left = *(const u64 *)a, right = *(const u64 *)b;
    return (left > right) - (left < right);
}

int folders_of(struct store *s, u64 **numbers, u32 *count) {
    struct path path;
    struct numbers found = { 0 };
    path_in(s, "snapshots", &path);
    *numbers = NULL;
    *count = 0;
    if (env_list(s->env, path.text, note_folder, &found)) {
        free(found.at);
        return -1;
    }
    if (found.count) qsort(found.at, found.count, sizeof *found.at, by_number);
    *numbers = found.at;
    *count = found.count;
    return 0;
}

/* What lies in a snapshot's folder: the numbers of data files. Other names are not ours. */
struct contents {
    struct numbers data;
    bool early_manifest;
};

static void note_file(void *arg, const char *name) {
    struct contents *contents = arg;
    const char *digits = name + 5;
    if (!strcmp(name, "MANIFEST.new")) contents->early_manifest = true;
    if (strncmp(name, "data.", 5) || !all_digits(digits, strlen(digits)) || strlen(digits) > 9)
        return;
    note(&contents->data, strtoull(digits, NULL, 10));
}

/* That it is not there is fine. */
static int remove_file(struct store *s, const char *path) {
    env_point(s->env, "before a file goes");
    return env_unlink(s->env, path) && error_number() != ENOENT ? -1 : 0;
}

/* A manifest that no entry stands for: given up, or not kept any more. */
static int sweep_manifest(struct store *s, u64 number) {
    struct path path, folder;
    if (entry_of(s, number)) return 0;
    path_of_manifest(s, number, "", &path);
    path_of_folder(s, number, &folder);
    if (env_unlink(s->env, path.text)) return error_number() == ENOENT ? 0 : -1;
    env_point(s->env, "manifest gone");
    return env_sync_path(s->env, folder.text);
}

/* Removes those files of a folder that no manifest names. */
static int sweep_folder(struct store *s, u64 number) {
    struct path path;
    struct contents contents = { 0 };
    path_of_folder(s, number, &path);
    int failed = env_list(s->env, path.text, note_file, &contents);
    for (u32 i = 0; !failed && i < contents.data.count; i++) {
        u32 file = (u32)contents.data.at[i];
        bool named = false;
        for (u32 k = 0; k < s->entry_count && !named; k++)
            named = manifest_names(&s->entries[k].m, number, file);
        path_of_data(s, number, file, &path);
        if (!named) failed = remove_file(s, path.text);
    }
    path_of_manifest(s, number, ".new", &path);
    if (!failed && contents.early_manifest) failed = remove_file(s, path.text);
    free(contents.data.at);
    if (failed || entry_of(s, number) || number == s->dead) return failed;
    path_of_folder(s, number, &path);
    if (!env_rmdir(s->env, path.text)) return 0;
    return error_number() == ENOTEMPTY || error_number() == EEXIST ? 0 : -1;
}

int sweep_unnamed(struct store *s) {
    u64 *numbers, unreadable = 0;
    u32 count;
    if (folders_of(s, &numbers, &count)) return -1;
    for (u32 i = 0; i < s->entry_count; i++)
        if (!s->entries[i].m.number) unreadable = s->entries[i].info.number;
    int failed = 0;
    for (u32 i = 0; i < count; i++)
        if (sweep_manifest(s, numbers[i])) failed = -1;
    for (u32 i = 0; i < count && !failed; i++)
        if (numbers[i] > unreadable) failed = sweep_folder(s, numbers[i]);
    free(numbers);
    return failed;
}

void sweep_dead(struct store *s, u64 number) {
    u64 before = s->dead;
    s->dead = number;
    if (!sweep_manifest(s, number)) sweep_folder(s, number);
    if (before && !sweep_manifest(s, before)) sweep_folder(s, before);
}

int store_sweep(struct store *s) {
    ENSURE(s->locked && !s->writing);
    u32 good = 0;
    for (u32 i = s->entry_count; i-- > 0;) {
        if (good >= s->retained)
            entry_remove(s, &s->entries[i]);
        else if (!s->entries[i].why)
            good++;
    }
    if (s->dead < store_newest(s)) s->dead = 0;
    return sweep_unnamed(s);
}
