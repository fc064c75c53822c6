/* Everything that is done to the files under a folder, in order and with the bytes: what a disk
   has to go by when its power goes. A recorder is a world (struct env) on top of another one; what
   it is given runs as ever. Any number of threads.

   A test also notes marks of its own between the operations, such as "acknowledged", so that it
   knows at every cut what had been promised. disk.h makes the states. */
#ifndef TESTS_CRASH_RECORDER_H
#define TESTS_CRASH_RECORDER_H

#include "runtime/base/env.h"
#include "tests/crash/tree.h"

#include <pthread.h>

enum op_kind {
    OP_MAKE,   /* a file or folder under a name */
    OP_WRITE,  /* bytes at an offset */
    OP_SIZE,   /* the size is set */
    OP_SYNC,   /* of a file or a folder */
    OP_MOVE,   /* a name becomes another */
    OP_REMOVE, /* a name goes */
    OP_MARK,
};

struct op {
    enum op_kind kind;
    u32 node;            /* MAKE, WRITE, SIZE, SYNC */
    bool is_folder;      /* MAKE */
    u32 folder, folder2; /* MAKE, MOVE, REMOVE; MOVE: to */
    char *name, *name2;
    u64 offset, size; /* WRITE, SIZE */
    u8 *bytes;
    u32 mark; /* MARK */
    u64 value;
};

struct recorder {
    struct env env; /* what the code under test is given */
    struct env *under;
    char *root;
    struct op *ops;
    u32 op_count, op_room;
    u32 base; /* what was there at the beginning takes so many operations; all on the disk */
    struct tree tree;
    u32 node_count;
    bool *is_folder; /* by node */
    struct opened {
        u32 node;
        u64 at;
    } * fds;
    u32 fd_room;
    pthread_mutex_t lock;
    /* Null, or: may this sync of `path` be recorded? One that may not is as one that the code had
       left out. `renamed`: the last thing done in the folder was giving a file its last name. */
    bool (*keeps_sync)(void *arg, const char *path, bool renamed);
    void *arg;
};

/* Records what is done under the folder `root`, which is there, with what is in it now. *under and
 *r stay in place. */
void recorder_init(struct recorder *r, struct env *under, const char *root);
void recorder_fini(struct recorder *r);

void recorder_mark(struct recorder *r, u32 mark, u64 value);

#endif
