#include "runtime/exec/sequence.h"

#include "runtime/base/ensure.h"
#include "runtime/exec/watch.h"

#include <stdlib.h>

static struct progress *progress_array(u32 count) {
    u64 bytes = (count ? count : 1) * sizeof(struct progress);
    struct progress *all = aligned_alloc(64, bytes);
    ENSURE(all);
    return all;
}

void sequence_init(struct sequence *s) {
    ENSURE(s->window >= 1 && s->window <= s->lookback);
    s->tickets = calloc(s->lookback, sizeof *s->tickets);
    ENSURE(s->tickets);
    s->finished = progress_array(s->finished_count);
    s->holding = progress_array(s->producer_count);
    for (u32 i = 0; i < s->finished_count; i++) atomic_init(&s->finished[i].morsel, 0);
    for (u32 i = 0; i < s->producer_count; i++) atomic_init(&s->holding[i].morsel, UINT64_MAX);
    for (u32 i = 0; i < s->source_count; i++) {
        s->sources[i].open = true;
        s->sources[i].watermark = TIME_NEVER;
    }
}

void sequence_fini(struct sequence *s) {
    free(s->tickets);
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

/* Morsel g - lookback leaves the table: from now on the choice knows its greatest time. */
static void look_back(struct sequence *s, u64 g) {
    if (g < s->lookback) return;
    const struct ticket *old = &s->tickets[g % s->lookback];
    for (u32 i = 0; i < s->source_count; i++)
        if (s->sources[i].number == old->source && s->sources[i].watermark < old->exact)
            s->sources[i].watermark = old->exact;
}

static void close_if_over(struct sequence *s) {
    bool open = false;
    for (u32 i = 0; i < s->source_count; i++) open |= s->sources[i].open;
    if (!open) atomic_store_explicit(&s->closed, true, memory_order_release);
}

static void give(struct sequence *s, struct sequence_source *from, u32 producer, bool last,
                 struct ticket *out) {
    i64 now = env_wall_ns(s->env);
    if (now > s->stamp) s->stamp = now;
    out->source = from->number;
    out->taker = producer;
    out->last = last;
    out->stamp = s->stamp;
    out->exact = TIME_NEVER;
    s->tickets[out->morsel % s->lookback] = *out;
    from->tickets++;
    if (last) from->open = false;
    atomic_store_explicit(&s->holding[producer].morsel, out->morsel, memory_order_release);
    atomic_store(&s->issued, out->morsel + 1);
    close_if_over(s);
}

static enum take_answer take_locked(struct sequence *s, u32 producer, struct ticket *out,
                                    bool *asked) {
    if (atomic_load(&s->stopping)) atomic_store_explicit(&s->closed, true, memory_order_release);
    if (atomic_load_explicit(&s->closed, memory_order_relaxed)) return TAKE_CLOSED;
    u64 g = out->morsel = atomic_load_explicit(&s->issued, memory_order_relaxed);
    if (!may_give(s, g)) return TAKE_NOTHING;
    look_back(s, g);
    bool empty[s->source_count];
    for (u32 i = 0; i < s->source_count; i++) {
        empty[i] = s->sources[i].watch && watch_is_waiting(s->sources[i].watch);
    }
    for (struct sequence_source *from; (from = choose(s, empty));) {
        out->source = from->number;
        switch (from->ops->extent(from->self, &out->extent)) {
        case SOURCE_FAILED:
            atomic_store_explicit(&s->closed, true, memory_order_release);
            return TAKE_FAILED;
        case SOURCE_NOTHING:
            empty[from - s->sources] = true;
            if (from->watch)
                watch_ask(from->watch);
            else
                *asked = true;
            break;
        case SOURCE_EXTENT:
            give(s, from, producer, false, out);
            return TAKE_TICKET;
        case SOURCE_LAST:
            give(s, from, producer, true, out);
            return TAKE_TICKET;
        }
    }
    return TAKE_NOTHING;
}

enum take_answer sequence_take(struct sequence *s, u32 producer, struct ticket *out, bool *asked) {
    if (atomic_load_explicit(&s->closed, memory_order_acquire)) return TAKE_CLOSED;
    u32 unlocked = 0;
    if (atomic_load_explicit(&s->lock, memory_order_relaxed) ||
        !atomic_compare_exchange_strong(&s->lock, &unlocked, 1))
        return TAKE_NOTHING;
    enum take_answer answer = take_locked(s, producer, out, asked);
    atomic_store(&s->lock, 0);
    return answer;
}

void sequence_done(struct sequence *s, u32 producer, u64 morsel, i64 exact) {
    s->tickets[morsel % s->lookback].exact = exact;
    atomic_store(&s->holding[producer].morsel, UINT64_MAX);
}

void sequence_stop(struct sequence *s) {
    atomic_store(&s->stopping, true);
}
