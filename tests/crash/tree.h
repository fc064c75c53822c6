/* Folders and files by number, and the names by which they are found. Number 0 is the root. */
#ifndef TESTS_CRASH_TREE_H
#define TESTS_CRASH_TREE_H

#include "runtime/base/base.h"

#define TREE_NONE UINT32_MAX

struct tree_name {
    u32 folder, node;
    char *name;
};

struct tree {
    struct tree_name *names;
    u32 count, room;
};

void tree_fini(struct tree *t);

/* TREE_NONE: there is no such name in the folder. */
u32 tree_find(const struct tree *t, u32 folder, const char *name);

/* In the place of what has this name, if anything has. */
void tree_put(struct tree *t, u32 folder, const char *name, u32 node);
void tree_remove(struct tree *t, u32 folder, const char *name);

/* The folder that a path from the root leads to, and its last name (in `path`); TREE_NONE if a
   folder on the way is not there. */
u32 tree_folder_of(const struct tree *t, const char *path, const char **last);

#endif
