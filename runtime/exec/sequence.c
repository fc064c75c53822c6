#include "runtime/exec/sequence.h"

#include "runtime/base/ensure.h"
#include "runtime/exec/graph.h"
#include "runtime/exec/sequence_parts.h"
#include "runtime/exec/watch.h"

#include <stdlib.h>

#define ASK_AGAIN_NS 1000000   /* a source that has nothing, where nobody tells when it has */
#define TICK_LEAST_NS 10000000 /* ticks do not come more often, however small windows are */

static struct progress *progress_array(u32 count) {
    u64 bytes = (count ? count : 1) * sizeof(struct progress);
    struct progress *all = aligned_alloc(64, bytes);
    ENSURE(all);
    return all;
}

void sequence_init(struct sequence *s) {
    ENSURE(s->window >= 1 && s->window <= s->lookback);
    s->tickets = calloc(s->lookback, sizeof *s->tickets);
    s->past = calloc(s->lookback, sizeof *s->past);
    s->cut_past = calloc(s->lookback, sizeof *s->cut_past);
    s->cut_seen = calloc((s->source_count + 1) * SEEN, sizeof *s->cut_seen);
    ENSURE(s->tickets && s->past && s->cut_past && s->cut_seen);
    for (u64 i = 0; i < s->lookback; i++) atomic_init(&s->past[i].exact, TIME_NEVER);
    pack_init(&s->cut);
    s->finished = progress_array(s->finished_count);
    s->holding = progress_array(s->producer_count);
    for (u32 i = 0; i < s->finished_count; i++) atomic_init(&s->finished[i].morsel, 0);
    for (u32 i = 0; i < s->producer_count; i++) atomic_init(&s->holding[i].morsel, UINT64_MAX);
    for (u32 i = 0; i < s->source_count; i++) {
        s->sources[i].open = true;
        s->sources[i].watermark = s->sources[i].told = TIME_NEVER;
        s->sources[i].quiet_since = TIME_FOREVER;
        for (u32 k = 0; k < SEEN; k++) atomic_init(&s->sources[i].seen[k], TIME_NEVER);
    }
}

void sequence_fini(struct sequence *s) {
    free(s->tickets);
    free(s->past);
    free(s->cut_past);
    free(s->cut_seen);
    pack_fini(&s->cut);
    free(s->finished);
    free(s->holding);
}

/* The least morsel that some task has not finished. */
static u64 least_unfinished(struct sequence *s) {
    u64 least = atomic_load_explicit(&s->issued, memory_order_relaxed);
    for (u32 i = 0; i < s->finished_count; i++) {
        u64 next = atomic_load_explicit(&s->finished[i].morsel, memory_order_acquire);
        if (next < least) least = next;
    }
    for (u32 i = 0; i < s->producer_count; i++) {
        u64 held = atomic_load_explicit(&s->holding[i].morsel, memory_order_acquire);
        if (held < least) least = held;
    }
    return least;
}

/* R1: all tasks have finished morsel g - window. */
static bool may_give(struct sequence *s, u64 g) {
    if (g - s->all_finished < s->window) return true;
    s->all_finished = least_unfinished(s);
    return g - s->all_finished < s->window;
}

/* The one whose watermark was least as of g - lookback, of equals the one given the fewest tickets,
   then the order written; of those not in `empty`, which have nothing to read now. */
static struct sequence_source *choose(struct sequence *s, const bool *empty) {
    struct sequence_source *best = NULL;
    for (u32 i = 0; i < s->source_count; i++) {
        struct sequence_source *c = &s->sources[i];
        if (!c->open || empty[i]) continue;
        if (!best || c->watermark < best->watermark ||
            (c->watermark == best->watermark && c->tickets < best->tickets))
            best = c;
    }
    return best;
}

/* The data morsel a look-back ago leaves the past: from now on the choice knows its greatest time.
 */
static void look_back(struct sequence *s) {
    if (s->ordinal < s->lookback) return;
    const struct past *old = &s->past[s->ordinal % s->lookback];
    i64 exact = atomic_load_explicit(&old->exact, memory_order_relaxed);
    for (u32 i = 0; i < s->source_count; i++)
        if (s->sources[i].number == old->source && s->sources[i].watermark < exact &&
            !s->sources[i].job->wall) /* that of the clock says nothing about where others are */
            s->sources[i].watermark = exact;
}

static bool is_finished(const struct sequence *s) {
    bool open = false;
    for (u32 i = 0; i < s->source_count; i++) open |= s->sources[i].open;
    return !open;
}

static void end(struct sequence *s) {
    if (atomic_load(&s->held))
        atomic_store(&s->ended, is_finished(s) ? SEQUENCE_FINISHED : SEQUENCE_STOPPED);
    else
        atomic_store_explicit(&s->closed, true, memory_order_release);
}

void sequence_end_if_over(struct sequence *s) {
    if (is_finished(s)) end(s);
}

/* ---- tickets ---- */

static i64 look_at_clock(struct sequence *s) {
    i64 now = env_wall_ns(s->env);
    if (now > s->stamp) s->stamp = now;
    return s->stamp;
}

void sequence_tell_clock(struct sequence_source *from, i64 stamp) {
    from->told = stamp;
    i64 next = boundaries_at(from->job->ticks, from->job->tick_count, from->windows, stamp).next,
        least = time_add(stamp, TICK_LEAST_NS);
    from->tick_at = next > least ? next : least;
}

void sequence_tell_state(struct sequence_source *from) {
    u32 state = !from->open ? SOURCE_ENDED : from->idle ? SOURCE_IDLE : SOURCE_ACTIVE;
    atomic_store_explicit(&from->state, state, memory_order_relaxed);
}

static void stamp(struct sequence *s, enum ticket_kind kind, struct ticket *out) {
    out->kind = kind;
    out->stamp = s->stamp;
    out->ordinal = s->ordinal;
    out->barriers = atomic_load_explicit(&s->barriers, memory_order_relaxed);
    out->last = out->flush = false;
}

static void publish(struct sequence *s, const struct ticket *out) {
    s->tickets[out->morsel % s->lookback] = *out;
    atomic_store(&s->issued, out->morsel + 1);
}

/* To a producer, which holds it from now on. */
static void hand_out(struct sequence *s, struct sequence_source *from, u32 producer,
                     struct ticket *out) {
    out->source = from->number;
    out->taker = producer;
    out->idle = from->idle;
    for (u32 k = 0; k < SEEN; k++)
        out->seen[k] = atomic_load_explicit(&from->seen[k], memory_order_relaxed);
    sequence_tell_clock(from, out->stamp);
    sequence_tell_state(from);
    atomic_store_explicit(&s->holding[producer].morsel, out->morsel, memory_order_release);
    publish(s, out);
}

static enum take_answer give_data(struct sequence *s, struct sequence_source *from, u32 producer,
                                  bool last, struct ticket *out) {
    stamp(s, TICKET_DATA, out);
    struct past *past = &s->past[s->ordinal % s->lookback];
    past->source = from->number;
    atomic_store_explicit(&past->exact, TIME_NEVER, memory_order_relaxed);
    s->ordinal++;
    from->tickets++;
    out->last = last;
    if (last) from->open = false;
    from->idle = false;
    from->quiet_since = TIME_FOREVER;
    hand_out(s, from, producer, out);
    sequence_end_if_over(s);
    return TAKE_TICKET;
}

static enum take_answer give_news(struct sequence *s, struct sequence_source *from, u32 producer,
                                  bool flush, struct ticket *out) {
    stamp(s, TICKET_NEWS, out);
    out->extent = (struct extent){ .at = NULL };
    out->flush = flush;
    hand_out(s, from, producer, out);
    return TAKE_TICKET;
}

/* ---- barriers ---- */

static enum take_answer give_barrier(struct sequence *s, struct ticket *out) {
    stamp(s, TICKET_BARRIER, out);
    sequence_cut(s, out->morsel + 1);
    publish(s, out);
    atomic_store(&s->barriers, out->barriers + 1);
    return TAKE_BARRIER;
}

void sequence_ask_barrier(struct sequence *s) {
    atomic_fetch_add(&s->asked, 1);
}

/* ---- the clock ---- */

/* The source that somebody waits for the clock behind, and a boundary was passed; or null. */
static struct sequence_source *due_tick(struct sequence *s, i64 now) {
    for (u32 i = 0; i < s->source_count; i++) {
        struct sequence_source *from = &s->sources[i];
        if (!from->open || !from->job->tick_count) continue;
        if (from->told == TIME_NEVER) sequence_tell_clock(from, now);
        if (from->tick_at <= now) return from;
    }
    return NULL;
}

static bool is_silent(const struct sequence_source *from, i64 now) {
    return !from->idle && from->idle_ns && from->quiet_since != TIME_FOREVER &&
           time_sub(now, from->quiet_since) >= from->idle_ns;
}

/* Has all that was read of it been decoded? Then `seen` is what it had. */
static bool is_decoded(struct sequence *s, const struct sequence_source *from) {
    for (u32 i = 0; i < s->producer_count; i++) {
        u64 held = atomic_load_explicit(&s->holding[i].morsel, memory_order_acquire);
        if (held != UINT64_MAX && s->tickets[held % s->lookback].source == from->number)
            return false;
    }
    return true;
}

/* When a worker has to look again though nothing wakes it. */
static i64 next_look(const struct sequence *s, i64 now, bool ask) {
    i64 at = sequence_waits(s, TIME_NEVER), again = time_add(now, ASK_AGAIN_NS);
    return ask && again < at ? again : at;
}

i64 sequence_waits(const struct sequence *s, i64 after) {
    i64 at = TIME_FOREVER;
    for (u32 i = 0; i < s->source_count; i++) {
        const struct sequence_source *from = &s->sources[i];
        i64 tick_at = from->job->tick_count ? from->tick_at : TIME_FOREVER;
        bool patient = !from->idle && from->idle_ns && from->quiet_since != TIME_FOREVER;
        i64 idle_at = patient ? time_add(from->quiet_since, from->idle_ns) : TIME_FOREVER;
        if (from->open && tick_at > after && tick_at < at) at = tick_at;
        if (from->open && idle_at > after && idle_at < at) at = idle_at;
    }
    return at;
}

/* ---- taking ---- */

/* It was asked and has nothing. */
static enum take_answer found_nothing(struct sequence *s, struct sequence_source *from,
                                      u32 producer, i64 now, struct ticket *out) {
    if (from->watch) watch_ask(from->watch);
    if (from->quiet_since == TIME_FOREVER) from->quiet_since = now;
    bool flush = from->job->idle_flush;
    if (!is_silent(from, now) || (flush && !is_decoded(s, from))) return TAKE_NOTHING;
    from->idle = true;
    return give_news(s, from, producer, flush, out);
}

static enum take_answer ask(struct sequence *s, struct sequence_source *from, u32 producer, i64 now,
                            struct ticket *out) {
    out->source = from->number;
    if (atomic_load(&s->draining)) {
        out->extent = (struct extent){ .at = NULL };
        return give_data(s, from, producer, true, out);
    }
    switch (from->ops->extent(from->self, &out->extent)) {
    case SOURCE_FAILED:
        atomic_store_explicit(&s->closed, true, memory_order_release);
        return TAKE_FAILED;
    case SOURCE_NOTHING:
        return found_nothing(s, from, producer, now, out);
    case SOURCE_EXTENT:
        return give_data(s, from, producer, false, out);
    case SOURCE_LAST:
        return give_data(s, from, producer, true, out);
    }
    ENSURE(!"an answer");
}

/* Asks the sources, the one behind first. What has been silent for so long that it is to be called
   idle is asked once more, whatever its watch says. */
static enum take_answer take_data(struct sequence *s, u32 producer, i64 now, struct ticket *out,
                                  bool *again) {
    bool empty[s->source_count], draining = atomic_load(&s->draining);
    for (u32 i = 0; i < s->source_count; i++) {
        struct sequence_source *from = &s->sources[i];
        empty[i] =
            !draining && from->watch && watch_is_waiting(from->watch) && !is_silent(from, now);
    }
    for (struct sequence_source *from; (from = choose(s, empty));) {
        enum take_answer answer = ask(s, from, producer, now, out);
        if (answer != TAKE_NOTHING) return answer;
        empty[from - s->sources] = true;
        *again |= !from->watch;
    }
    return TAKE_NOTHING;
}

static enum take_answer take_locked(struct sequence *s, u32 producer, struct ticket *out,
                                    i64 *again) {
    if (atomic_load(&s->stopping)) end(s);
    if (atomic_load_explicit(&s->closed, memory_order_relaxed)) return TAKE_CLOSED;
    u64 g = out->morsel = atomic_load_explicit(&s->issued, memory_order_relaxed);
    if (!may_give(s, g)) return TAKE_NOTHING;
    i64 now = look_at_clock(s);
    if (atomic_load(&s->asked) != atomic_load_explicit(&s->barriers, memory_order_relaxed))
        return give_barrier(s, out);
    if (atomic_load_explicit(&s->ended, memory_order_relaxed)) return TAKE_NOTHING;
    struct sequence_source *due = atomic_load(&s->draining) ? NULL : due_tick(s, now);
    if (due) return give_news(s, due, producer, false, out);
    look_back(s);
    bool ask_again = false;
    enum take_answer answer = take_data(s, producer, now, out, &ask_again);
    if (answer == TAKE_NOTHING) *again = next_look(s, now, ask_again);
    return answer;
}

enum take_answer sequence_take(struct sequence *s, u32 producer, struct ticket *out, i64 *again) {
    *again = TIME_FOREVER;
    if (atomic_load_explicit(&s->closed, memory_order_acquire)) return TAKE_CLOSED;
    u32 unlocked = 0;
    if (atomic_load_explicit(&s->lock, memory_order_relaxed) ||
        !atomic_compare_exchange_strong(&s->lock, &unlocked, 1))
        return TAKE_NOTHING;
    enum take_answer answer = take_locked(s, producer, out, again);
    atomic_store(&s->lock, 0);
    return answer;
}

void sequence_raise_seen(struct sequence_source *from, const i64 *seen) {
    for (u32 k = 0; k < SEEN; k++) {
        i64 before = atomic_load_explicit(&from->seen[k], memory_order_relaxed);
        while (seen[k] > before &&
               !atomic_compare_exchange_weak(&from->seen[k], &before, seen[k])) {
        }
    }
}

struct sequence_source *sequence_source(struct sequence *s, u32 number) {
    u32 i = 0;
    while (s->sources[i].number != number) i++;
    return &s->sources[i];
}

void sequence_done(struct sequence *s, u32 producer, const struct ticket *ticket,
                   const struct finished_morsel *what) {
    if (ticket->kind == TICKET_DATA) {
        atomic_store_explicit(&s->past[ticket->ordinal % s->lookback].exact, what->exact,
                              memory_order_relaxed);
        sequence_raise_seen(sequence_source(s, ticket->source), what->seen);
    }
    atomic_store(&s->holding[producer].morsel, UINT64_MAX);
}

void sequence_drain(struct sequence *s) {
    atomic_store(&s->draining, true);
}

void sequence_close(struct sequence *s) {
    atomic_store(&s->held, false);
    atomic_store(&s->stopping, true);
}

void sequence_stop(struct sequence *s) {
    atomic_store(&s->stopping, true);
}
