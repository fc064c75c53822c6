/* The sequence in a snapshot: packed under the lock when a barrier is given (sequence_cut),
   completed when all tasks have met it, and gone on from. */
#include "runtime/base/error.h"
#include "runtime/exec/sequence_parts.h"

#include <string.h>

void sequence_cut(struct sequence *s, u64 morsel) {
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
        pack_u8(&s->cut, from->idle);
        pack_u64(&s->cut, from->tickets);
        pack_i64(&s->cut, from->watermark);
        pack_i64(&s->cut, from->told);
        pack_bytes(&s->cut, position.at, position.size);
        pack_fini(&position);
        for (u32 k = 0; k < SEEN; k++)
            s->cut_seen[i * SEEN + k] = atomic_load_explicit(&from->seen[k], memory_order_relaxed);
    }
    for (u64 i = 0; i < s->lookback; i++) {
        s->cut_past[i].source = s->past[i].source;
        atomic_store_explicit(&s->cut_past[i].exact,
                              atomic_load_explicit(&s->past[i].exact, memory_order_relaxed),
                              memory_order_relaxed);
    }
}

/* What a cut says of a source. */
struct source_cut {
    struct str name;
    bool open, idle;
    u64 tickets;
    i64 watermark, told;
    struct unpack position;
};

static struct source_cut unpack_source(struct unpack *u) {
    struct source_cut cut;
    cut.name = unpack_bytes(u);
    cut.open = unpack_u8(u);
    cut.idle = unpack_u8(u);
    cut.tickets = unpack_u64(u);
    cut.watermark = unpack_i64(u);
    cut.told = unpack_i64(u);
    cut.position = unpack_part(u);
    return cut;
}

/* Calls each(source, its position) for the open sources of a cut. */
static int each_position(struct sequence *s, struct unpack u,
                         int (*each)(const struct sequence_source *from, struct unpack *position)) {
    unpack_u64(&u);
    unpack_u64(&u);
    unpack_i64(&u);
    u32 count = unpack_u32(&u);
    for (u32 i = 0; i < count; i++) {
        struct source_cut cut = unpack_source(&u);
        if (cut.open && each(&s->sources[i], &cut.position)) return -1;
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

static void finished_before(struct sequence *s, u64 ordinal, const struct finished_morsel *what) {
    i64 *seen = &s->cut_seen[(sequence_source(s, what->source) - s->sources) * SEEN];
    for (u32 k = 0; k < SEEN; k++)
        if (what->seen[k] > seen[k]) seen[k] = what->seen[k];
    if (ordinal - what->ordinal <= s->lookback)
        atomic_store_explicit(&s->cut_past[what->ordinal % s->lookback].exact, what->exact,
                              memory_order_relaxed);
}

void sequence_save(struct sequence *s, const struct finished_morsel *last, u32 count,
                   struct pack *to) {
    struct unpack head = unpack_of(s->cut.at, s->cut.size);
    unpack_u64(&head);
    u64 ordinal = unpack_u64(&head);
    for (u32 i = 0; i < count; i++)
        if (last[i].ordinal < ordinal) finished_before(s, ordinal, &last[i]);
    pack_bytes(to, s->cut.at, s->cut.size);
    for (u32 i = 0; i < s->source_count * SEEN; i++) pack_i64(to, s->cut_seen[i]);
    past_save(s, ordinal, to);
}

bool sequence_place(struct unpack saved, u32 nth, struct sequence_place *out) {
    struct unpack u = unpack_part(&saved);
    unpack_u64(&u);
    unpack_u64(&u);
    unpack_i64(&u);
    if (nth >= unpack_u32(&u)) return false;
    for (u32 i = 0; i <= nth; i++) {
        struct source_cut cut = unpack_source(&u);
        *out = (struct sequence_place){ cut.name, cut.open, cut.position };
    }
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
    struct source_cut cut = unpack_source(u);
    struct sequence_source *to = source_named(s, cut.name);
    if (u->bad) return 0;
    if (!to)
        return error_set(0, "the snapshot has a source `%.*s`, which the job has not",
                         (int)cut.name.size, cut.name.at);
    *index = (u32)(to - s->sources);
    to->open = cut.open;
    to->idle = cut.idle;
    sequence_tell_state(to);
    to->tickets = cut.tickets;
    to->watermark = cut.watermark;
    if (cut.told != TIME_NEVER) sequence_tell_clock(to, cut.told);
    if (cut.open && to->ops->seek && to->ops->seek(to->self, &cut.position))
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
    for (u32 i = 0; i < sources; i++) {
        i64 seen[SEEN];
        for (u32 k = 0; k < SEEN; k++) seen[k] = unpack_i64(from);
        sequence_raise_seen(&s->sources[index[i]], seen);
    }
    past_restore(s, from, index, sources);
    if (!unpack_is_done(&u) || !unpack_is_done(from))
        return error_set(0, "the sources' part of the snapshot cannot be read");
    for (u32 i = 0; i < s->finished_count; i++) atomic_store(&s->finished[i].morsel, morsel);
    s->all_finished = morsel;
    atomic_store(&s->issued, morsel);
    sequence_end_if_over(s);
    return 0;
}
