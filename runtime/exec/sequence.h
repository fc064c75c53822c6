/* The sequence of morsels of one island: which source's extent is morsel g, and who decodes it
   (architecture.md 3, R1 and "Several sources"). A producer with nothing to do takes the next
   ticket. Everything that the order of the job's output depends on is decided here, under one
   try-lock, from facts that do not depend on the number of workers.

   A ticket is given only when every task has finished morsel g - window. The source is chosen by
   watermarks as of the data morsel a look-back ago; window <= lookback, so all that the choice
   needs is known.

   A *barrier* is an empty morsel (architecture.md 7): asked for by sequence_ask_barrier, given like
   any ticket, met by every task at its number.

   The clock is an input. Every ticket has a stamp, and rows and stages know no other clock. Where
   somebody waits for the clock (job_source.ticks) or for a source that has nothing to read
   (job_source.idle_ns), *news* is given: an empty morsel of that source, with a mark in it.

   Barriers and news come when the clock says, so the choice between sources does not count them: it
   looks back by data morsels alone. */
#ifndef RUNTIME_EXEC_SEQUENCE_H
#define RUNTIME_EXEC_SEQUENCE_H

#include "runtime/base/env.h"
#include "runtime/base/pack.h"
#include "runtime/job.h"
#include "runtime/stage/source.h"

#include <stdatomic.h>

#define SEQUENCE_LOOKBACK 256u

enum ticket_kind {
    TICKET_DATA,
    TICKET_NEWS,    /* no rows: the clock went on, or the source became idle */
    TICKET_BARRIER, /* nothing but a place: source, taker and extent are not there */
};

struct ticket {
    u64 morsel;
    u64 ordinal;  /* among data morsels */
    u64 barriers; /* how many were given before */
    enum ticket_kind kind;
    u32 source; /* of the job */
    u32 taker;  /* which producer of the island */
    bool last;  /* of its source */
    bool idle;  /* from here on its source holds W back no longer; until its next data */
    bool flush; /* it became idle, and W moves past `seen` */
    i64 seen[1 + JOB_TIMES_MAX]; /* the greatest times that its source, and its times, had before */
    i64 stamp;                   /* wall clock when it was given; never falls */
    struct extent extent;
};

/* A data morsel of the last look-back. */
struct past {
    u32 source; /* of the job */
    _Atomic i64
        exact; /* greatest time of the morsel less the lag, once its taker has finished it */
};

enum source_state { SOURCE_ACTIVE, SOURCE_IDLE, SOURCE_ENDED };

struct sequence_source {
    u32 number; /* in the job */
    const char *name;
    const struct source_ops *ops;
    void *self;
    const struct job_source *job;
    const struct window_spec *windows; /* of the job, by stage: for its ticks */
    bool open;                         /* has more morsels */
    u64 tickets;                       /* given */
    i64 watermark;                     /* as of the morsel a look-back ago */
    struct watch *watch; /* where a stream says that it has something to read; null: ask again */
    i64 idle_ns;         /* 0: it is never idle */
    bool idle;
    _Atomic u32 state; /* enum source_state, for others to read */
    i64 quiet_since;   /* by the clock; TIME_FOREVER: it had something when it was last asked */
    i64 told;          /* the stamp of its newest ticket; TIME_NEVER: none yet */
    i64 tick_at;       /* when it is to have the next, if it has ticks */
    _Atomic i64 seen[1 + JOB_TIMES_MAX]; /* the greatest times of all morsels that their takers
                                            have finished */
};

/* What a producer has finished. */
struct finished_morsel {
    u64 ordinal; /* UINT64_MAX: nothing yet */
    u32 source;
    i64 exact;                   /* W of the source, by this morsel alone */
    i64 seen[1 + JOB_TIMES_MAX]; /* the greatest times in it; TIME_NEVER: none */
};

/* What a source without a word has: live ones (pipes) these, files none. 0: never. */
#define LIVE_IDLE_NS (10 * NS_PER_SECOND)
#define LIVE_AHEAD_NS NS_PER_HOUR
ALWAYS_INLINE i64 source_idle(const struct job_source *source, bool live) {
    return source->idle_ns >= 0 ? source->idle_ns : live ? LIVE_IDLE_NS : 0;
}
ALWAYS_INLINE i64 source_ahead(const struct job_source *source, bool live) {
    return source->ahead_ns >= 0 ? source->ahead_ns : live ? LIVE_AHEAD_NS : 0;
}

/* How far a task is. A task of a stage counts the morsels it has finished; a producer names the one
   it holds, or UINT64_MAX. One cache line each: written by one worker, read by whoever takes a
   ticket. */
struct progress {
    _Alignas(64) _Atomic u64 morsel;
};

enum sequence_end {
    SEQUENCE_GOES_ON,
    SEQUENCE_STOPPED,  /* there would be more to read */
    SEQUENCE_FINISHED, /* all inputs have ended */
};

struct sequence {
    struct env *env;
    struct sequence_source *sources; /* of the island, in the order written */
    u32 source_count;
    u64 window, lookback;
    struct ticket *tickets;    /* by morsel % lookback */
    struct past *past;         /* by ordinal % lookback */
    u64 ordinal;               /* data morsels given */
    struct progress *finished; /* by task of a stage */
    u32 finished_count;
    struct progress *holding; /* by producer */
    u32 producer_count;
    i64 stamp;
    u64 all_finished;      /* morsels that all tasks were seen to have finished */
    struct pack cut;       /* of the newest barrier: what sequence_save takes over */
    struct past *cut_past; /* the past as of it, but for what was under way */
    i64 *cut_seen;         /* by source and number of its times, likewise */
    _Alignas(64) _Atomic u32 lock;
    _Alignas(64) _Atomic u64
        issued;          /* tickets given; they can be read by whoever has not finished them */
    _Atomic bool closed; /* no more are given; read before `issued` */
    _Atomic bool stopping;
    _Atomic bool held;     /* it is not over when nothing is left to read: a last snapshot comes
                              first, and then sequence_close */
    _Atomic bool draining; /* sources are called finished where they stand */
    _Atomic u32 ended;     /* held: enum sequence_end */
    _Atomic u64 asked;     /* barriers asked for, and given */
    _Atomic u64 barriers;
};

enum take_answer {
    TAKE_FAILED =
        -1, /* the source could not be read: the error trail says why; *out has morsel and source */
    TAKE_NOTHING, /* somebody else is taking one, or too many morsels are under way, or no source
                     has anything */
    TAKE_TICKET,
    TAKE_BARRIER, /* *out is one: there is nothing to decode, and nothing to be done with it */
    TAKE_CLOSED,  /* no more, ever */
};

/* Sources, counts, window and env are set by the caller; the rest is zero. Main thread. */
void sequence_init(struct sequence *s);
void sequence_fini(struct sequence *s);

/* Takes the next ticket for a producer of the island, which then holds it until sequence_done. Any
   worker; never waits: a failed attempt costs a few loads. TAKE_NOTHING: by *again, of the wall
   clock, somebody has to try again even if nothing wakes him. */
enum take_answer sequence_take(struct sequence *s, u32 producer, struct ticket *out, i64 *again);

/* The first moment after `after`, of the wall clock, that somebody waits for: a boundary of the
   clock that a stage looks for, or the end of the patience with a source that is silent. While
   nobody takes a ticket. */
i64 sequence_waits(const struct sequence *s, i64 after);

/* The producer has sent all of the morsel and its END. */
void sequence_done(struct sequence *s, u32 producer, const struct ticket *ticket,
                   const struct finished_morsel *what);

/* No data is given from now on (some call to sequence_take finds out and closes; held: says that it
   has ended). Any thread. */
void sequence_stop(struct sequence *s);

/* The same, but every open source gets a last, empty morsel: as if its input ended here. Any
   thread. */
void sequence_drain(struct sequence *s);

/* No ticket of any kind any more. Any thread. */
void sequence_close(struct sequence *s);

/* ---- barriers ---- */

/* One more barrier is wanted. The one before was met by all tasks. Any thread. */
void sequence_ask_barrier(struct sequence *s);

/* The sequence as of the newest barrier, which all tasks have met. `last` is what each producer had
   finished last when it met it: of what was under way when it was given, each knows its own. The
   snapshot's thread. */
void sequence_save(struct sequence *s, const struct finished_morsel *last, u32 count,
                   struct pack *to);

/* Where the sources stand at the newest barrier, which all tasks have met: what was read until
   there can be read again after a power cut, or -1. The snapshot's thread, as are the next two. */
int sequence_prepare(struct sequence *s);

/* The same places, to be given to sequence_retained when nobody goes back behind them any more. */
void sequence_positions(struct sequence *s, struct pack *to);
void sequence_retained(struct sequence *s, struct unpack positions);

/* What is saved of a source: the nth of what sequence_save packed. False: there is none. */
struct sequence_place {
    struct str name;
    bool open; /* else its input has ended */
    struct unpack position;
};
bool sequence_place(struct unpack saved, u32 nth, struct sequence_place *out);

/* After sequence_init: goes on behind that barrier. Sources are found by name. -1 with an error
   trail. Main thread. */
int sequence_restore(struct sequence *s, struct unpack *from);

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
