/* Files that no reader looks at yet (their names begin with a dot): a sink writes rows to them, and
   when the snapshot that they belong to is committed, so are they.

   A file whose sync failed is never trusted again, nor is its name: what was written to it is
   copied to its next *try* (`again`), checked by size and sum, and that is synced. */
#ifndef IO_HIDDEN_H
#define IO_HIDDEN_H

#include "io/sum.h"
#include "runtime/base/env.h"

#define HIDDEN_BUFFER (64u << 10)

/* What a seal packs begins with what it is of: a file, or a folder of parts. */
enum { SEALED_FILE = 1, SEALED_PARTS };

/* ---- one that is written to: the sink's task ---- */
struct hidden {
    struct env *env;
    char *path; /* the owner's */
    struct env_file file;
    u8 *buffer;     /* null: closed, and can be opened again */
    u64 held;       /* in the buffer */
    struct sum sum; /* of all that was written, the buffer too */
};

/* Nothing is made yet. */
void hidden_init(struct hidden *h, struct env *env, char *path);
/* Goes on with a file of which `sum` says what is in it. */
void hidden_resume(struct hidden *h, struct env *env, char *path, const struct sum *sum);
bool hidden_is_open(const struct hidden *h);
int hidden_write(struct hidden *h, const u8 *at, u64 size); /* opens it if need be */
int hidden_flush(struct hidden *h);
int hidden_close(struct hidden *h);
/* Closes it, whatever it holds is lost. */
void hidden_drop(struct hidden *h);

/* ---- what was sealed: any thread ---- */

/* The first `size` bytes from an offset of a file have this sum: 1; they have not, or there is no
   such file: 0; -1: nobody can tell. out (may be null): to go on from. */
int bytes_check(struct env *env, const char *path, u64 offset, u64 size, u64 sum, struct sum *out);
/* Copies what has this sum to an offset of a file; -1 if it turns out to have another. */
int bytes_copy(struct env *env, const char *from, u64 size, u64 sum, struct env_file to,
               u64 offset);

/* Of the file of PATH with a number behind it for a second try: asprintf; the caller frees. */
char *try_path(const char *path, u32 again);
/* Try `again` is there, and on the disk; its entry in the folder may not be. */
int try_sync(struct env *env, const char *path, u32 again, u64 size, u64 sum);
/* All tries but one that is not there are gone. */
int try_remove(struct env *env, const char *path, u32 again);

/* No other job writes to an output, a file (made if need be) or a folder, while this one does:
   opens and locks it, until it is closed. */
int output_lock(struct env *env, const char *path, enum env_open how, struct env_file *lock);

/* The path of the folder that it is in: the caller frees. */
char *path_folder(const char *path);
bool path_exists(struct env *env, const char *path);

#endif
