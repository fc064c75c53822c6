#include "dsl/build_cache.h"

#include "runtime/base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HASH_DIGITS 32u
#define IN_USE_SECONDS 3600

static int make_folder(char *path) {
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) *slash = 0;
        int failed = mkdir(path, 0700) != 0 && errno != EEXIST;
        if (slash) *slash = '/';
        if (failed) return -1;
        if (!slash) return 0;
    }
}

int cache_folder(char *path, size_t room) {
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (xdg && *xdg == '/') {
        snprintf(path, room, "%s/millrace", xdg);
        if (make_folder(path) == 0 && access(path, W_OK) == 0) return 0;
    }
    if (home && *home == '/') {
        snprintf(path, room, "%s/.cache/millrace", home);
        if (make_folder(path) == 0 && access(path, W_OK) == 0) return 0;
    }
    snprintf(path, room, P_tmpdir "/millrace-%u", (unsigned)getuid());
    struct stat st;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return error_set(errno, "make the folder %s for compiled jobs", path);
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid())
        return error_set(
            EPERM, "%s, for compiled jobs, is not a folder of yours; set XDG_CACHE_HOME", path);
    return 0;
}

/* The file system may not keep when a file was read last: the time of its last change is set. */
bool cache_has(const char *path) {
    if (access(path, R_OK) != 0) return false;
    (void)utimensat(AT_FDCWD, path, NULL, 0);
    return true;
}

/* ---- what goes ---- */

struct cached {
    char name[64];
    u64 size;
    i64 used; /* seconds */
};

struct cached_list {
    struct cached *at;
    u32 count, room;
};

/* Objects and what they are made of; whatever else stands there is not ours. */
static bool is_ours(const char *name) {
    size_t size = strlen(name);
    return size < sizeof((struct cached *)0)->name && size > HASH_DIGITS &&
           strspn(name, "0123456789abcdef") == HASH_DIGITS && name[HASH_DIGITS] == '.';
}

static bool is_object(const char *name) {
    return strcmp(name + HASH_DIGITS, ".so") == 0;
}

static void list_add(struct cached_list *list, const char *name, const struct stat *st) {
    if (list->count == list->room) {
        u32 room = list->room ? 2 * list->room : 64;
        struct cached *at = realloc(list->at, room * sizeof *at);
        if (!at) return;
        list->at = at;
        list->room = room;
    }
    struct cached *c = &list->at[list->count++];
    snprintf(c->name, sizeof c->name, "%s", name);
    c->size = (u64)st->st_size;
    c->used = st->st_mtim.tv_sec;
}

static int newest_first(const void *left, const void *right) {
    const struct cached *a = left, *b = right;
    return a->used == b->used ? 0 : a->used > b->used ? -1 : 1;
}

void cache_sweep(const char *folder) {
    struct cached_list list = { 0 };
    struct stat st;
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_ours(entry->d_name) && fstatat(dirfd(dir), entry->d_name, &st, 0) == 0)
            list_add(&list, entry->d_name, &st);
    if (list.count) qsort(list.at, list.count, sizeof *list.at, newest_first);
    i64 in_use = time(NULL) - IN_USE_SECONDS;
    u64 bytes = 0;
    for (u32 i = 0; i < list.count; i++) {
        bool object = is_object(list.at[i].name);
        if (object) bytes += list.at[i].size;
        if (list.at[i].used < in_use && (!object || bytes > CACHE_BYTES))
            unlinkat(dirfd(dir), list.at[i].name, 0);
    }
    closedir(dir);
    free(list.at);
}
