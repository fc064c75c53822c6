/* What a folder of parts looks like on the disk: names, sums, renaming. io/folder.c has the sink.
 */
#ifndef IO_FOLDER_PARTS_H
#define IO_FOLDER_PARTS_H

#include "io/hidden.h"
#include "runtime/base/pack.h"

/* What a seal packs of a part. */
struct part_seal {
    struct str folder; /* below the sink's; "": in it */
    u64 number, size, sum;
    u32 again;
    bool changed; /* since it was last on the disk */
    i64 opened;   /* of an open part: the stamp */
};

struct folder_pending {
    u64 number, next;
    u32 closed_count, open_count;
    struct part_seal *closed, *open;
};

void part_pack(const struct part_seal *part, struct pack *to);
/* The caller frees p->closed and p->open. The names point into what is read. */
int folder_pending_unpack(struct unpack *from, struct folder_pending *p);
void folder_pending_free(struct folder_pending *p);

struct part_place {
    struct env *env;
    const char *path, *run, *suffix;
};

/* Of a part while it is hidden, and when it is committed: the caller frees. */
char *part_hidden(const struct part_place *place, struct str folder, u64 number);
char *part_final(const struct part_place *place, struct str folder, u64 number);
/* Makes the folders below the sink's. */
int part_folders(const struct part_place *place, struct str folder);

/* All that is sealed is on the disk. */
int folder_pending_sync(const struct part_place *place, const struct folder_pending *p);
/* Closed parts get their names, if that was not done before. check: only if they hold what was
   sealed. */
int folder_pending_rename(const struct part_place *place, const struct folder_pending *p,
                          bool check);

/* ---- what is there ---- */
struct folder_found {
    char **hidden; /* paths of all hidden parts of whatever run */
    u32 hidden_count, hidden_room;
    u32 visible;   /* committed parts, of whatever run */
    u64 last;      /* the greatest number of a committed one of this run; 0: none */
    char *example; /* a visible part's path */
};
int folder_look(const struct part_place *place, struct folder_found *out);
void folder_found_free(struct folder_found *f);

#endif
