/* Where watermarks meet: that of a stage is the least of its inputs' that are neither quiet nor
   finished. It never falls; while all are quiet it stays, but for what a source with `flush` has
   told before it fell silent. An input is quiet if each source that it descends from is idle or has
   finished. */
#ifndef RUNTIME_EDGE_MEET_H
#define RUNTIME_EDGE_MEET_H

#include "runtime/base/base.h"

/* What is known of the sources of a job, by number. A task learns it from tickets. */
struct silence {
    bool *quiet;         /* idle, or finished */
    const bool *flushes; /* its W moves past its greatest time when it becomes idle */
    u32 source_count;
};

struct meeting {
    i64 least, flushed;
    bool holds; /* some input that is not quiet */
    bool waits; /* some that is, and is not finished */
};

ALWAYS_INLINE struct meeting meet_begin(void) {
    return (struct meeting){ .least = TIME_FOREVER, .flushed = TIME_NEVER };
}

/* Somebody with watermark w. */
ALWAYS_INLINE void meet_one(struct meeting *m, bool quiet, bool flushed, i64 w) {
    if (w == TIME_FOREVER) return; /* finished */
    m->holds |= !quiet;
    m->waits |= quiet;
    if (!quiet && w < m->least) m->least = w;
    if (quiet && flushed && w > m->flushed) m->flushed = w;
}

/* An input with watermark w, which descends from these sources. */
static inline void meet_input(struct meeting *m, const struct silence *s, const bool *descends,
                              i64 w) {
    bool quiet = true, flushed = false;
    for (u32 i = 0; i < s->source_count; i++) {
        quiet &= !descends[i] || s->quiet[i];
        flushed |= descends[i] && s->quiet[i] && s->flushes[i];
    }
    meet_one(m, quiet, flushed, w);
}

/* The stage's, where it was `before`. */
ALWAYS_INLINE i64 meet_end(const struct meeting *m, i64 before) {
    i64 w = m->holds || !m->waits ? m->least : m->flushed;
    return w > before ? w : before;
}

/* That of a stage by the clock: W is the clock, until all inputs have finished. */
ALWAYS_INLINE i64 meet_end_wall(const struct meeting *m, i64 before, i64 clock) {
    i64 w = m->holds || m->waits ? clock : TIME_FOREVER;
    return w > before ? w : before;
}

#endif
