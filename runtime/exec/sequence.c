#include "runtime/exec/sequence.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/watch.h"

#include <stdlib.h>
#include <string.h>

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
    ENSURE(s->tickets && s->past && s->cut_past);
    for (u64 i = 0; i < s->lookback; i++) atomic_init(&s->past[i].exact, TIME_NEVER);
    pack_init(&s->cut);
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
    free(s->past);
    free(s->cut_past);
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
        if (s->sources[i].number == old->source && s->sources[i].watermark < exact)
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

static void end_if_over(struct sequence *s) {
    if (is_finished(s)) end(s);
}

static void stamp(struct sequence *s, struct ticket *out) {
    i64 now = env_wall_ns(s->env);
    if (now > s->stamp) s->stamp = now;
    out->stamp = s->stamp;
    out->ordinal = s->ordinal;
    out->barriers = atomic_load_explicit(&s->barriers, memory_order_relaxed);
    out->barrier = false;
}

static void publish(struct sequence *s, const struct ticket *out) {
    s->tickets[out->morsel % s->lookback] = *out;
    atomic_store(&s->issued, out->morsel + 1);
}

static void give(struct sequence *s, struct sequence_source *from, u32 producer, bool last,
                 struct ticket *out) {
    stamp(s, out);
    out->source = from->number;
    out->taker = producer;
    out->last = last;
    struct past *past = &s->past[s->ordinal % s->lookback];
    past->source = from->number;
    atomic_store_explicit(&past->exact, TIME_NEVER, memory_order_relaxed);
    s->ordinal++;
    from->tickets++;
    if (last) from->open = false;
    atomic_store_explicit(&s->holding[producer].morsel, out->morsel, memory_order_release);
    publish(s, out);
    end_if_over(s);
}

/* ---- barriers ---- */

/* Where everything stands now: which is behind all morsels given, whoever has finished which. */
static void cut(struct sequence *s, u64 morsel) {
    pack_clear(&s->cut);
    pack_u64(&s->cut, morsel);
    pack_u64(&s->cut, s->ordinal);
    pack_i64(&s->cut, s->stamp);
    pack_u32(&s->cut, s->source_count);
    for (u32 i = 0; i < s->source_count; i++) {
        const struct sequence_source *from = &s->sources[i];
        struct pack position;
        pack_init(&position);
        if (from->ops->save) from->ops->save(from->self, &position);
        pack_text(&s->cut, from->name);
        pack_u8(&s->cut, from->open);
        pack_u64(&s->cut, from->tickets);
        pack_i64(&s->cut, from->watermark);
        pack_bytes(&s->cut, position.at, position.size);
        pack_fini(&position);
    }
    for (u64 i = 0; i < s->lookback; i++) {
        s->cut_past[i].source = s->past[i].source;
        atomic_store_explicit(&s->cut_past[i].exact,
                              atomic_load_explicit(&s->past[i].exact, memory_order_relaxed),
                              memory_order_relaxed);
    }
}

static void give_barrier(struct sequence *s, struct ticket *out) {
    stamp(s, out);
    out->barrier = true;
    cut(s, out->morsel + 1);
    publish(s, out);
    atomic_store(&s->barriers, out->barriers + 1);
}

void sequence_ask_barrier(struct sequence *s) {
    atomic_fetch_add(&s->asked, 1);
}

/* Calls each(source, its position) for the open sources of a cut. */
static int each_position(struct sequence *s, struct unpack u,
                         int (*each)(const struct sequence_source *from, struct unpack *position)) {
    unpack_u64(&u);
    unpack_u64(&u);
    unpack_i64(&u);
    u32 count = unpack_u32(&u);
    for (u32 i = 0; i < count; i++) {
        unpack_bytes(&u);
        bool open = unpack_u8(&u);
        unpack_u64(&u);
        unpack_i64(&u);
        struct unpack position = unpack_part(&u);
        if (open && each(&s->sources[i], &position)) return -1;
    }
    return 0;
}

static int prepare(const struct sequence_source *from, struct unpack *position) {
    if (!from->ops->prepare || !from->ops->prepare(from->self, position)) return 0;
    return error_add("source `%s`", from->name);
}

static int retained(const struct sequence_source *from, struct unpack *position) {
    if (from->ops->retained) from->ops->retained(from->self, position);
    return 0;
}

int sequence_prepare(struct sequence *s) {
    return each_position(s, unpack_of(s->cut.at, s->cut.size), prepare);
}

void sequence_positions(struct sequence *s, struct pack *to) {
    memcpy(pack_room(to, s->cut.size), s->cut.at, s->cut.size);
}

void sequence_retained(struct sequence *s, struct unpack positions) {
    each_position(s, positions, retained);
}

static void past_save(struct sequence *s, u64 ordinal, struct pack *to) {
    u64 count = ordinal < s->lookback ? ordinal : s->lookback;
    pack_u64(to, count);
    for (u64 o = ordinal - count; o < ordinal; o++) {
        const struct past *past = &s->cut_past[o % s->lookback];
        u32 i = 0;
        while (s->sources[i].number != past->source) i++;
        pack_u32(to, i);
        pack_i64(to, atomic_load_explicit(&past->exact, memory_order_relaxed));
    }
}

void sequence_save(struct sequence *s, const struct finished_morsel *last, u32 count,
                   struct pack *to) {
    struct unpack head = unpack_of(s->cut.at, s->cut.size);
    unpack_u64(&head);
    u64 ordinal = unpack_u64(&head);
    for (u32 i = 0; i < count; i++)
        if (last[i].ordinal < ordinal && ordinal - last[i].ordinal <= s->lookback)
            atomic_store_explicit(&s->cut_past[last[i].ordinal % s->lookback].exact, last[i].exact,
                                  memory_order_relaxed);
    pack_bytes(to, s->cut.at, s->cut.size);
    past_save(s, ordinal, to);
}

static struct sequence_place unpack_place(struct unpack *u, u64 *tickets, i64 *watermark) {
    struct sequence_place place;
    place.name = unpack_bytes(u);
    place.open = unpack_u8(u);
    *tickets = unpack_u64(u);
    *watermark = unpack_i64(u);
    place.position = unpack_part(u);
    return place;
}

bool sequence_place(struct unpack saved, u32 nth, struct sequence_place *out) {
    struct unpack u = unpack_part(&saved);
    u64 tickets;
    i64 watermark;
    unpack_u64(&u);
    unpack_u64(&u);
    unpack_i64(&u);
    if (nth >= unpack_u32(&u)) return false;
    for (u32 i = 0; i <= nth; i++) *out = unpack_place(&u, &tickets, &watermark);
    return !u.bad;
}

static struct sequence_source *source_named(struct sequence *s, struct str name) {
    for (u32 i = 0; i < s->source_count; i++)
        if (strlen(s->sources[i].name) == name.size &&
            !memcmp(s->sources[i].name, name.at, name.size))
            return &s->sources[i];
    return NULL;
}

static int source_restore(struct sequence *s, struct unpack *u, u32 *index) {
    u64 tickets;
    i64 watermark;
    struct sequence_place place = unpack_place(u, &tickets, &watermark);
    struct sequence_source *to = source_named(s, place.name);
    if (u->bad) return 0;
    if (!to)
        return error_set(0, "the snapshot has a source `%.*s`, which the job has not",
                         (int)place.name.size, place.name.at);
    *index = (u32)(to - s->sources);
    to->open = place.open;
    to->tickets = tickets;
    to->watermark = watermark;
    if (place.open && to->ops->seek && to->ops->seek(to->self, &place.position))
        return error_add("source `%s`", to->name);
    return 0;
}

static void past_restore(struct sequence *s, struct unpack *u, const u32 *index, u32 sources) {
    u64 count = unpack_u64(u);
    for (u64 o = s->ordinal - count; o < s->ordinal && !u->bad; o++) {
        u32 i = unpack_u32(u);
        i64 exact = unpack_i64(u);
        u->bad |= i >= sources;
        if (u->bad) return;
        struct sequence_source *from = &s->sources[index[i]];
        if (s->ordinal - o > s->lookback) { /* it was longer then */
            if (from->watermark < exact) from->watermark = exact;
            continue;
        }
        struct past *past = &s->past[o % s->lookback];
        past->source = from->number;
        atomic_store_explicit(&past->exact, exact, memory_order_relaxed);
    }
}

int sequence_restore(struct sequence *s, struct unpack *from) {
    struct unpack u = unpack_part(from);
    u64 morsel = unpack_u64(&u);
    s->ordinal = unpack_u64(&u);
    s->stamp = unpack_i64(&u);
    u32 sources = unpack_u32(&u);
    if (u.bad || sources != s->source_count)
        return error_set(0, "the snapshot has %u sources where the job has %u", sources,
                         s->source_count);
    u32 index[s->source_count];
    for (u32 i = 0; i < sources; i++)
        if (source_restore(s, &u, &index[i])) return -1;
    past_restore(s, from, index, sources);
    if (!unpack_is_done(&u) || !unpack_is_done(from))
        return error_set(0, "the sources' part of the snapshot cannot be read");
    for (u32 i = 0; i < s->finished_count; i++) atomic_store(&s->finished[i].morsel, morsel);
    s->all_finished = morsel;
    atomic_store(&s->issued, morsel);
    end_if_over(s);
    return 0;
}

static enum take_answer take_locked(struct sequence *s, u32 producer, struct ticket *out,
                                    bool *asked) {
    if (atomic_load(&s->stopping)) end(s);
    if (atomic_load_explicit(&s->closed, memory_order_relaxed)) return TAKE_CLOSED;
    u64 g = out->morsel = atomic_load_explicit(&s->issued, memory_order_relaxed);
    if (!may_give(s, g)) return TAKE_NOTHING;
    if (atomic_load(&s->asked) != atomic_load_explicit(&s->barriers, memory_order_relaxed)) {
        give_barrier(s, out);
        return TAKE_BARRIER;
    }
    if (atomic_load_explicit(&s->ended, memory_order_relaxed)) return TAKE_NOTHING;
    look_back(s);
    bool empty[s->source_count], draining = atomic_load(&s->draining);
    for (u32 i = 0; i < s->source_count; i++)
        empty[i] = !draining && s->sources[i].watch && watch_is_waiting(s->sources[i].watch);
    for (struct sequence_source *from; (from = choose(s, empty));) {
        out->source = from->number;
        if (draining) {
            out->extent = (struct extent){ .at = NULL };
            give(s, from, producer, true, out);
            return TAKE_TICKET;
        }
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

void sequence_done(struct sequence *s, u32 producer, const struct ticket *ticket, i64 exact) {
    atomic_store_explicit(&s->past[ticket->ordinal % s->lookback].exact, exact,
                          memory_order_relaxed);
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
