/* What sessions consist of: for session.c, which runs them, and session_save.c, which saves them.
 */
#ifndef RUNTIME_STAGE_SESSION_STATE_H
#define RUNTIME_STAGE_SESSION_STATE_H

#include "runtime/stage/session.h"
#include "runtime/state/dues.h"
#include "runtime/state/sorted.h"

/* A session with rows since its last pane. */
struct session_fresh {
    i64 start, end; /* when it was entered */
    u32 slot;
};

struct session_shard {
    struct dues dues;
    struct session_fresh *fresh; /* all that are listed, and some that are no more */
    u32 fresh_count, fresh_room;
    u32 live; /* keys that have sessions */
};

struct session_shards {
    const struct window_ops *ops;
    const struct window_spec *spec;
    u32 record;                  /* bytes of a session with its accumulators */
    bool retracts;               /* panes are taken back */
    bool lists;                  /* panes come by time */
    u64 seen[KEYED_SHARDS / 64]; /* a bit for each shard that was restored */
    struct session_shard shards[KEYED_SHARDS];
};

/* Panes that were sent and are not taken back, in a run: those of all parts of a session, oldest
   first. Behind each its accumulators. */
struct standing {
    u32 count, size; /* size: of a pane with its accumulators */
};

struct standing_pane {
    i64 start, end;
    u32 number, timing;
};

/* The sessions of one key. Behind put and take `word` is stored. */
struct session_key {
    struct sessions *s;
    u8 *slot;
    u32 shard, number; /* of the slot in its shard */
    struct sorted of;
};

struct session_key session_key(struct sessions *s, u8 *slot, u32 shard);
/* The first session that ends at `end` or later; then what stands at a place, as sorted.h has it.
 */
struct sorted_place session_find(const struct session_key *k, i64 end);
struct one_session *session_at(const struct session_key *k, struct sorted_place *p);
struct one_session *session_put(struct session_key *k, struct sorted_place *p);

/* It is entered in the heap and the list as it stands. */
void session_enter(struct session_key *k, struct one_session *x);

/* A run of standing panes. */
struct standing *session_standing_new(struct sessions *s, u32 count);
ALWAYS_INLINE struct standing_pane *session_standing(const struct standing *p, u32 i) {
    return (struct standing_pane *)((u8 *)(p + 1) + (u64)i * p->size);
}

void session_save(const void *self, struct pack *to);
int session_restore(void *self, const void *ops, struct unpack *from, const struct image *image);
int session_restored(const void *self);

#endif
