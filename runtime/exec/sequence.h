/* The sequence of morsels of one island: which source's extent is morsel g, and who decodes it
   (architecture.md 3, R1 and "Several sources"). A producer with nothing to do takes the next
   ticket. Everything that the order of the job's output depends on is decided here, under one
   try-lock, from facts that do not depend on the number of workers.

   A ticket is given only when every task has finished morsel g - window. The source is chosen by
   watermarks as of morsel g - lookback; window <= lookback, so all that the choice needs is known.
 */
#ifndef RUNTIME_EXEC_SEQUENCE_H
#define RUNTIME_EXEC_SEQUENCE_H

#include "runtime/base/env.h"
#include "runtime/stage/source.h"

#include <stdatomic.h>

#define SEQUENCE_LOOKBACK 256u

struct ticket {
    u64 morsel;
    u32 source; /* of the job */
    u32 taker;  /* which producer of the island */
    bool last;  /* of its source */
    i64 stamp;  /* wall clock when it was given; never falls */
    i64 exact;  /* greatest time of the morsel less the lag: the taker's, before it finishes */
    struct extent extent;
};

struct sequence_source {
    u32 number; /* in the job */
    const struct source_ops *ops;
    void *self;
    bool open;           /* has more morsels */
    u64 tickets;         /* given */
    i64 watermark;       /* as of the morsel a look-back ago */
    struct watch *watch; /* where a stream says that it has something to read; null: ask again */
};

/* How far a task is. A task of a stage counts the morsels it has finished; a producer names the one
   it holds, or UINT64_MAX. One cache line each: written by one worker, read by whoever takes a
   ticket. */
struct progress {
    _Alignas(64) _Atomic u64 morsel;
};

struct sequence {
    struct env *env;
    struct sequence_source *sources; /* of the island, in the order written */
    u32 source_count;
    u64 window, lookback;
    struct ticket *tickets;    /* by morsel % lookback */
    struct progress *finished; /* by task of a stage */
    u32 finished_count;
    struct progress *holding; /* by producer */
    u32 producer_count;
    i64 stamp;
    u64 all_finished; /* morsels that all tasks were seen to have finished */
    _Alignas(64) _Atomic u32 lock;
    _Alignas(64) _Atomic u64
        issued;          /* tickets given; they can be read by whoever has not finished them */
    _Atomic bool closed; /* no more are given; read before `issued` */
    _Atomic bool stopping;
};

enum take_answer {
    TAKE_FAILED =
        -1, /* the source could not be read: the error trail says why; *out has morsel and source */
    TAKE_NOTHING, /* somebody else is taking one, or too many morsels are under way, or no source
                     has anything */
    TAKE_TICKET,
    TAKE_CLOSED, /* no more, ever */
};

/* Sources, counts, window and env are set by the caller; the rest is zero. Main thread. */
void sequence_init(struct sequence *s);
void sequence_fini(struct sequence *s);

/* Takes the next ticket for a producer of the island, which then holds it until sequence_done. Any
   worker; never waits: a failed attempt costs a few loads. *asked: a source has nothing now and
   nobody will tell when that changes. */
enum take_answer sequence_take(struct sequence *s, u32 producer, struct ticket *out, bool *asked);

/* The producer has sent all of the morsel and its END. */
void sequence_done(struct sequence *s, u32 producer, u64 morsel, i64 exact);

/* No ticket is given from now on (some call to sequence_take finds out and closes). Any thread. */
void sequence_stop(struct sequence *s);

/* Is morsel g there? Its ticket is then in *out until this task has finished g. */
ALWAYS_INLINE bool sequence_ticket(struct sequence *s, u64 g, const struct ticket **out) {
    if (g == atomic_load_explicit(&s->issued, memory_order_acquire)) return false;
    *out = &s->tickets[g % s->lookback];
    return true;
}

/* Will there be no morsel g any more? */
ALWAYS_INLINE bool sequence_over(struct sequence *s, u64 g) {
    return atomic_load_explicit(&s->closed, memory_order_acquire) &&
           g == atomic_load_explicit(&s->issued, memory_order_acquire);
}

#endif
