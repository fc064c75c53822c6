/* Windows that rows make, per key: sessions, which grow and become one as rows come, and windows
   that the rows carry (`window same` behind sessions). Their ends go by no raster, so a stage of
   them is one of fine time (stage/fine.h): each row comes with its own W, and what is due for its
   key by then comes first; all else comes out at marks and at END.

   A key's slot holds its sessions in order of their ends: one in place, more in pages
   (state/sorted.h). What is due stands in a heap for each shard (state/dues.h), once for a session,
   at a time that may be too early: who comes for it then puts it where it belongs, so that a row
   which prolongs a session leaves the heap alone. Panes by time are due for all sessions alike, so
   those that have rows since their last pane stand in a list, and nothing is looked at but they.

   Accumulators are those of window_ops; with `discarding` they hold what no pane has sent. A key
   without sessions leaves when such are many. One worker at a time. */
#ifndef RUNTIME_STAGE_SESSION_H
#define RUNTIME_STAGE_SESSION_H

#include "runtime/base/base.h"
#include "runtime/data/timefn.h"
#include "runtime/stage/chain.h"
#include "runtime/stage/fine.h"
#include "runtime/stage/keeper.h"
#include "runtime/stage/pass.h"
#include "runtime/stage/schema.h"
#include "runtime/state/keyed.h"

/* A window that still has state; its accumulators stand behind it. */
struct one_session {
    i64 end, start;
    i64 due;        /* of its entry in the heap */
    u64 fresh : 62; /* rows since the last pane */
    u64 over : 1;   /* W has reached its end */
    u64 listed : 1; /* it stands in the list of those that panes by time are for */
    u32 panes;      /* the number of the next one */
    u32 standing;   /* retracting: offset of the panes that are not taken back; 0: none */
};

/* A slot is the key, this word and, if there is one session, that. */
#define SESSION_COUNT(word) ((u32)((word) >> 32) & 0x7fffffffu)
#define SESSION_ONE (KEYED_USED | 1ull << 32)
#define SESSION_SLOT(acc_at, acc_size)                                                             \
    (((acc_at) + 8 + sizeof(struct one_session) + (acc_size) + 15) & ~15ul)

struct sessions {
    struct keyed keyed;
    i64 gap, lateness;
    bool plain; /* a row of a session that is not over changes nothing but it */
    i64 w;      /* what was due up to here has come out */
    i64 clock;  /* the same, of the wall clock */
    struct session_shards *x;
};

/* The slot of a row's key, for the two below; good until the next call. */
ALWAYS_INLINE u8 *session_slot(struct sessions *s, const struct window_ops *ops, const void *key,
                               u64 hash) {
    return keyed_find(&s->keyed, &ops->keyed, key, hash);
}

/* A row of time t, with W as it was before it, that does no more than prolong the one session of
   its key: the accumulators, touched, to which the caller adds the row. Null: session_add knows. */
ALWAYS_INLINE void *session_grow(struct sessions *s, const struct window_ops *ops, u8 *slot, i64 w,
                                 i64 t) {
    struct one_session *x = (struct one_session *)(slot + ops->keyed.acc_at + 8);
    i64 end = time_add(t, s->gap);
    bool one = keyed_rows(slot, &ops->keyed) == SESSION_ONE;
    if (!one || !s->plain || w >= x->due || x->over || x->start > end || t > x->end) return NULL;
    region_touch(&s->keyed.region, slot, ops->keyed.slot_size);
    if (end > x->end) x->end = end;
    if (t < x->start) x->start = t;
    x->fresh++;
    return x + 1;
}

/* Any row, whose window alone would be [start, end); `delta` holds its accumulators. Before it what
   is due for its key up to w comes out, then what it lets out itself (at c->position). False: it
   came too late; the caller emits or counts it. */
bool session_add(struct chain *c, struct sessions *s, u8 *slot, u64 hash, i64 start, i64 end, i64 w,
                 const void *delta);

extern const struct keeper session_keeper; /* its ops are a struct window_ops */

#endif
