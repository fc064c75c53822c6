#include "io/folder_parts.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_BYTES (6 * sizeof(u64) + sizeof(u32) + 1) /* packed, at the least */
#define RUN_DIGITS 16

/* ---- packed ---- */

void part_pack(const struct part_seal *part, struct pack *to) {
    pack_bytes(to, part->folder.at, part->folder.size);
    pack_u64(to, part->number);
    pack_u64(to, part->size);
    pack_u64(to, part->sum);
    pack_u32(to, part->again);
    pack_u8(to, part->changed);
    pack_i64(to, part->opened);
}

static struct part_seal *unpack_list(struct unpack *from, u32 *count) {
    *count = unpack_u32(from);
    if ((u64)(from->end - from->at) / (SEAL_BYTES - sizeof(u64)) < *count) from->bad = true;
    if (from->bad) *count = 0;
    struct part_seal *list = calloc(*count + 1, sizeof *list);
    ENSURE(list);
    for (u32 i = 0; i < *count; i++) {
        struct part_seal *part = &list[i];
        part->folder = unpack_bytes(from);
        part->number = unpack_u64(from);
        part->size = unpack_u64(from);
        part->sum = unpack_u64(from);
        part->again = unpack_u32(from);
        part->changed = unpack_u8(from);
        part->opened = unpack_i64(from);
    }
    return list;
}

int folder_pending_unpack(struct unpack *from, struct folder_pending *p) {
    *p = (struct folder_pending){ 0 };
    if (unpack_u8(from) != SEALED_PARTS) from->bad = true;
    p->number = unpack_u64(from);
    p->next = unpack_u64(from);
    p->closed = unpack_list(from, &p->closed_count);
    p->open = unpack_list(from, &p->open_count);
    if (!from->bad) return 0;
    folder_pending_free(p);
    return error_set(0, "what is saved of a folder's parts cannot be read");
}

void folder_pending_free(struct folder_pending *p) {
    free(p->closed);
    free(p->open);
}

/* ---- names ---- */

static char *part_path(const struct part_place *place, struct str folder, u64 number,
                       const char *dot) {
    char *path;
    ENSURE(asprintf(&path, "%s/%.*s%s%s%s-%lu.%s", place->path, (int)folder.size, folder.at,
                    folder.size ? "/" : "", dot, place->run, number, place->suffix) > 0);
    return path;
}

char *part_hidden(const struct part_place *place, struct str folder, u64 number) {
    return part_path(place, folder, number, ".");
}

char *part_final(const struct part_place *place, struct str folder, u64 number) {
    return part_path(place, folder, number, "");
}

/* Calls each(arg, path) for the folders on the way from the sink's down to `folder`, top first. */
static int each_folder(const struct part_place *place, struct str folder,
                       int (*each)(void *arg, const char *path), void *arg) {
    char *path;
    size_t root = strlen(place->path);
    ENSURE(asprintf(&path, "%s/%.*s", place->path, (int)folder.size, folder.at) > 0);
    int status = 0;
    for (u64 i = 0; i < folder.size && !status; i++) {
        const char *slash = memchr(folder.at + i, '/', folder.size - i);
        i = slash ? (u64)(slash - folder.at) : folder.size;
        path[root + 1 + i] = 0;
        status = each(arg, path);
        if (slash) path[root + 1 + i] = '/';
    }
    free(path);
    return status;
}

static int make_folder(void *arg, const char *path) {
    return env_mkdir(arg, path);
}

int part_folders(const struct part_place *place, struct str folder) {
    return each_folder(place, folder, make_folder, place->env);
}

/* ---- the disk ---- */

struct paths {
    char **at;
    u32 count, room;
};

static void path_add(struct paths *p, char *path) {
    p->at = grown(p->at, p->count, &p->room, sizeof *p->at);
    p->at[p->count++] = path;
}

static int folder_add(void *arg, const char *path) {
    char *copy = strdup(path);
    ENSURE(copy);
    path_add(arg, copy);
    return 0;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each folder once. */
static int sync_folders(const struct part_place *place, struct paths *p) {
    int status = 0;
    if (p->count) qsort(p->at, p->count, sizeof *p->at, by_bytes);
    for (u32 i = 0; i < p->count && !status; i++)
        if (!i || strcmp(p->at[i], p->at[i - 1])) status = env_sync_path(place->env, p->at[i]);
    for (u32 i = 0; i < p->count; i++) free(p->at[i]);
    free(p->at);
    return status;
}

static int sync_list(const struct part_place *place, const struct part_seal *list, u32 count,
                     bool open, struct paths *folders) {
    for (u32 i = 0; i < count; i++) {
        const struct part_seal *part = &list[i];
        if (!part->changed) continue;
        char *path = part_hidden(place, part->folder, part->number);
        int status = open ? env_sync_path(place->env, path)
                          : try_sync(place->env, path, part->again, part->size, part->sum);
        free(path);
        if (status) return -1;
        folder_add(folders, place->path);
        each_folder(place, part->folder, folder_add, folders);
    }
    return 0;
}

int folder_pending_sync(const struct part_place *place, const struct folder_pending *p) {
    struct paths folders = { 0 };
    int status = sync_list(place, p->closed, p->closed_count, false, &folders);
    if (!status) status = sync_list(place, p->open, p->open_count, true, &folders);
    if (folders.count) path_add(&folders, path_folder(place->path));
    return sync_folders(place, &folders) || status ? -1 : 0;
}

/* Not there to be renamed: has it been done before? */
static int was_renamed(const struct part_place *place, const struct part_seal *part,
                       const char *to) {
    int found = bytes_check(place->env, to, 0, part->size, part->sum, NULL);
    if (!found)
        error_set(0, "%s is not there as it was sealed, nor is what it was to be made of", to);
    return found > 0 ? 0 : -1;
}

static int rename_part(const struct part_place *place, const struct part_seal *part, bool check) {
    char *hidden = part_hidden(place, part->folder, part->number);
    char *from = try_path(hidden, part->again), *to = part_final(place, part->folder, part->number);
    int found = check ? bytes_check(place->env, from, 0, part->size, part->sum, NULL)
                      : path_exists(place->env, from);
    int status = found < 0 ? -1
                 : found   ? env_rename_new(place->env, from, to)
                           : was_renamed(place, part, to);
    if (!status && part->again) status = try_remove(place->env, hidden, part->again);
    free(hidden);
    free(from);
    free(to);
    return status;
}

int folder_pending_rename(const struct part_place *place, const struct folder_pending *p,
                          bool check) {
    struct paths folders = { 0 };
    int status = 0;
    for (u32 i = 0; i < p->closed_count && !status; i++) {
        status = rename_part(place, &p->closed[i], check);
        if (status) break;
        char *to = part_final(place, p->closed[i].folder, p->closed[i].number);
        path_add(&folders, path_folder(to));
        free(to);
    }
    return sync_folders(place, &folders) || status ? -1 : 0;
}

/* ---- what is there ---- */

/* Is it `[.]RUN-NUMBER.SUFFIX[~TRY]`? */
static bool is_part(const char *name, bool *hidden, char run[RUN_DIGITS + 1], u64 *number) {
    *hidden = *name == '.';
    name += *hidden;
    if (strspn(name, "0123456789abcdef") != RUN_DIGITS || name[RUN_DIGITS] != '-') return false;
    memcpy(run, name, RUN_DIGITS);
    run[RUN_DIGITS] = 0;
    const char *digits = name + RUN_DIGITS + 1;
    size_t count = strspn(digits, "0123456789");
    *number = strtoull(digits, NULL, 10);
    return count > 0 && count < 20 && digits[count] == '.';
}

struct walk {
    const struct part_place *place;
    struct folder_found *found;
    const char *path;
    struct paths folders; /* to go on with */
};

static void look_at_name(void *arg, const char *name) {
    struct walk *w = arg;
    bool hidden;
    char run[RUN_DIGITS + 1], *path;
    u64 number;
    ENSURE(asprintf(&path, "%s/%s", w->path, name) > 0);
    if (!is_part(name, &hidden, run, &number)) {
        if (*name != '.' && strchr(name, '='))
            path_add(&w->folders, path);
        else
            free(path);
        return;
    }
    struct folder_found *f = w->found;
    if (hidden) {
        struct paths list = { f->hidden, f->hidden_count, f->hidden_room };
        path_add(&list, path);
        f->hidden = list.at;
        f->hidden_count = list.count;
        f->hidden_room = list.room;
        return;
    }
    f->visible++;
    if (!strcmp(run, w->place->run) && number > f->last) f->last = number;
    free(f->example);
    f->example = path;
}

int folder_look(const struct part_place *place, struct folder_found *out) {
    *out = (struct folder_found){ 0 };
    struct walk w = { .place = place, .found = out, .path = place->path };
    int status = env_list(place->env, place->path, look_at_name, &w);
    for (u32 i = 0; i < w.folders.count; i++) {
        w.path = w.folders.at[i];
        if (!status && env_list(place->env, w.path, look_at_name, &w) && error_number() != ENOTDIR)
            status = -1;
    }
    for (u32 i = 0; i < w.folders.count; i++) free(w.folders.at[i]);
    free(w.folders.at);
    return status;
}

void folder_found_free(struct folder_found *f) {
    for (u32 i = 0; i < f->hidden_count; i++) free(f->hidden[i]);
    free(f->hidden);
    free(f->example);
}
