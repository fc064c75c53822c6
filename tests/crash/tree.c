#include "tests/crash/tree.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

void tree_fini(struct tree *t) {
    for (u32 i = 0; i < t->count; i++) free(t->names[i].name);
    free(t->names);
    *t = (struct tree){ 0 };
}

static struct tree_name *entry_of(const struct tree *t, u32 folder, const char *name, size_t size) {
    for (u32 i = 0; i < t->count; i++)
        if (t->names[i].folder == folder && !strncmp(t->names[i].name, name, size) &&
            !t->names[i].name[size])
            return &t->names[i];
    return NULL;
}

u32 tree_find(const struct tree *t, u32 folder, const char *name) {
    const struct tree_name *entry = entry_of(t, folder, name, strlen(name));
    return entry ? entry->node : TREE_NONE;
}

void tree_remove(struct tree *t, u32 folder, const char *name) {
    struct tree_name *entry = entry_of(t, folder, name, strlen(name));
    if (!entry) return;
    free(entry->name);
    *entry = t->names[--t->count];
}

void tree_put(struct tree *t, u32 folder, const char *name, u32 node) {
    tree_remove(t, folder, name);
    if (t->count == t->room) {
        t->room = t->room ? 2 * t->room : 64;
        t->names = realloc(t->names, t->room * sizeof *t->names);
        ENSURE(t->names);
    }
    t->names[t->count++] = (struct tree_name){ folder, node, strdup(name) };
}

u32 tree_folder_of(const struct tree *t, const char *path, const char **last) {
    u32 folder = 0;
    while (*path == '/') path++;
    for (const char *slash; (slash = strchr(path, '/')) && slash[1]; path = slash + 1) {
        const struct tree_name *entry = entry_of(t, folder, path, (size_t)(slash - path));
        if (!entry) return TREE_NONE;
        folder = entry->node;
    }
    *last = path;
    return folder;
}
