/* Time cut at the starts and ends of windows. Windows are numbered: number k starts at k * slide +
   offset. Slices are numbered too: where the slide divides the size, one a slide; else two, cut at
   the start of a window and at the end of another. A window is `span` slices in a row. Windows and
   slices reach beyond the times that can be written: times are exact here and clamped where they
   are told. Numbers saturate, as time_add does: only slides of a few ns come there.

   A calendar window is a slice by itself, whose number is the calendar's; where a zone leaves a day
   out the slice is empty. Rows of `window same` are of one window each, which ends 1 ns behind
   their time: a slice is the last slide of a window. */
#ifndef RUNTIME_STAGE_SLICING_H
#define RUNTIME_STAGE_SLICING_H

#include "runtime/base/base.h"
#include "runtime/stage/schema.h"

struct slicing {
    i64 size, slide,
        offset; /* offset in [0, slide); size 0: global, one window of one slice, number 0 */
    i64 rest;   /* size % slide: where a slide is cut in two; 0: it is not */
    i64 span;   /* slices a window */
    i64 before; /* a window starts so much before its slices: size - slide of `window same`, else 0
                 */
    const struct calendar *calendar; /* or null; size and slide are 1 then, and mean nothing */
};

ALWAYS_INLINE i64 time_clamp(__int128 t) {
    return t < TIME_NEVER ? TIME_NEVER : t > TIME_FOREVER ? TIME_FOREVER : (i64)t;
}

static inline struct slicing slicing_of(const struct window_spec *w) {
    if (w->shape == SHAPE_GLOBAL) return (struct slicing){ .span = 1 };
    if (w->shape == SHAPE_CALENDAR)
        return (struct slicing){
            .size = 1, .slide = 1, .offset = w->offset_ns, .span = 1, .calendar = w->calendar
        };
    i64 size = w->size_ns, slide = w->slide_ns, offset = floor_mod(w->offset_ns, slide);
    if (w->same)
        return (struct slicing){ .size = slide,
                                 .slide = slide,
                                 .offset = (i64)(((__int128)offset + size) % slide),
                                 .span = 1,
                                 .before = size - slide };
    i64 rest = size % slide, whole = size / slide;
    return (struct slicing){ .size = size,
                             .slide = slide,
                             .offset = offset,
                             .rest = rest,
                             .span = rest ? 2 * whole + 1 : whole };
}

/* Windows that overlap, each with accumulators of its own: a time goes to all from the one of its
   slice, which is the newest, back to the oldest that holds it. */
ALWAYS_INLINE void slicing_apart(struct slicing *s) {
    s->rest = 0;
    s->span = 1;
}

/* ---- calendar windows ---- */

i64 slicing_calendar_number(const struct slicing *s, __int128 t);
__int128 slicing_calendar_start(const struct slicing *s, i64 number);

/* ---- slices ---- */

/* In windows that slide by 1 or 2 ns the last nanosecond of all goes with the one before: no number
   is TIME_FOREVER, behind which there is none. */
ALWAYS_INLINE i64 slicing_slice(const struct slicing *s, i64 t) {
    if (!s->size) return 0;
    if (s->calendar) return slicing_calendar_number(s, t);
    t -= t == TIME_FOREVER && s->slide <= 2;
    i64 k = floor_div(t, s->slide), in = t % s->slide;
    in += in < 0 ? s->slide : 0;
    in -= s->offset;
    if (in < 0) {
        k--;
        in += s->slide;
    }
    return s->rest ? 2 * k + (in >= s->rest) : k;
}

/* Of the times of rows; exact, also beyond what an i64 can hold. */
ALWAYS_INLINE __int128 slicing_start(const struct slicing *s, i64 slice) {
    if (!s->size) return TIME_NEVER;
    if (s->calendar) return slicing_calendar_start(s, slice);
    if (!s->rest) return (__int128)slice * s->slide + s->offset;
    return (__int128)(slice >> 1) * s->slide + s->offset + (slice & 1 ? s->rest : 0);
}

ALWAYS_INLINE __int128 slicing_end(const struct slicing *s, i64 slice) {
    if (!s->size) return (__int128)TIME_FOREVER + 1;
    if (s->calendar) return slicing_calendar_start(s, time_add(slice, 1));
    i64 width = !s->rest ? s->slide : slice & 1 ? s->slide - s->rest : s->rest;
    return slicing_start(s, slice) + width;
}

/* Window k is slices [first, behind). */
ALWAYS_INLINE i64 slicing_first(const struct slicing *s, i64 window) {
    return s->rest ? time_add(window, window) : window;
}

ALWAYS_INLINE i64 slicing_behind(const struct slicing *s, i64 window) {
    return time_add(slicing_first(s, window), s->span);
}

/* The windows that hold a slice: oldest to newest. */
ALWAYS_INLINE i64 slicing_oldest(const struct slicing *s, i64 slice) {
    return s->rest ? time_add(slice, 2 - s->span) >> 1 : time_add(slice, 1 - s->span);
}

ALWAYS_INLINE i64 slicing_newest(const struct slicing *s, i64 slice) {
    return s->rest ? slice >> 1 : slice;
}

ALWAYS_INLINE __int128 slicing_window_start(const struct slicing *s, i64 window) {
    if (s->calendar) return slicing_calendar_start(s, window);
    return s->size ? (__int128)window * s->slide + s->offset - s->before : TIME_NEVER;
}

ALWAYS_INLINE __int128 slicing_window_end(const struct slicing *s, i64 window) {
    if (s->calendar) return slicing_calendar_start(s, time_add(window, 1));
    return s->size ? (__int128)window * s->slide + s->offset + s->size : TIME_FOREVER;
}

/* The first window whose end, `late` later, w has not passed. */
ALWAYS_INLINE i64 slicing_first_open(const struct slicing *s, i64 w, i64 late) {
    if (w == TIME_NEVER) return TIME_NEVER;
    if (w == TIME_FOREVER) return TIME_FOREVER;
    if (!s->size) return 0;
    if (s->calendar) return slicing_calendar_number(s, (__int128)w - late);
    __int128 x = (__int128)w - s->offset - s->size - late, k = x / s->slide - (x % s->slide < 0);
    return time_clamp(k + 1);
}

#endif
