/* Where rows become text: a buffer that grows, and what appends to it. The owner of the buffer
   sends at - start bytes and sets `at` back. Out of memory aborts. One thread. */
#ifndef RUNTIME_DATA_ENCODE_H
#define RUNTIME_DATA_ENCODE_H

#include "runtime/base/base.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

struct out {
    u8 *at, *end, *start;
};

void out_init(struct out *o); /* holds nothing until it is written to */
void out_fini(struct out *o);
void out_grow(struct out *o, u64 room);

ALWAYS_INLINE u64 out_size(const struct out *o) {
    return (u64)(o->at - o->start);
}
ALWAYS_INLINE void out_clear(struct out *o) {
    o->at = o->start;
}

/* Room for that many bytes at o->at. */
ALWAYS_INLINE void out_room(struct out *o, u64 room) {
    if (UNLIKELY((u64)(o->end - o->at) < room)) out_grow(o, room);
}

/* ---- bytes ---- */

ALWAYS_INLINE void out_byte(struct out *o, u8 byte) {
    out_room(o, 1);
    *o->at++ = byte;
}
ALWAYS_INLINE void out_bytes(struct out *o, const void *at, u64 size) {
    out_room(o, size);
    if (size) __builtin_memcpy(o->at, at, size);
    o->at += size;
}

/* ---- values, alike in CSV, JSON and print ---- */

ALWAYS_INLINE void out_i64(struct out *o, i64 value) {
    out_room(o, FORMAT_ROOM);
    o->at += format_i64((char *)o->at, value);
}
ALWAYS_INLINE void out_u64(struct out *o, u64 value) {
    out_room(o, FORMAT_ROOM);
    o->at += format_u64((char *)o->at, value);
}
ALWAYS_INLINE void out_f64(struct out *o, double value) {
    out_room(o, FORMAT_ROOM);
    o->at += format_f64((char *)o->at, value);
}
ALWAYS_INLINE void out_f32(struct out *o, float value) {
    out_room(o, FORMAT_ROOM);
    o->at += format_f32((char *)o->at, value);
}
ALWAYS_INLINE void out_bool(struct out *o, bool value) {
    out_room(o, FORMAT_ROOM);
    o->at += format_bool((char *)o->at, value);
}
/* Without quotes: JSON wants them around. */
ALWAYS_INLINE void out_timestamp(struct out *o, i64 ns) {
    out_room(o, FORMAT_ROOM);
    o->at += format_timestamp((char *)o->at, ns);
}
ALWAYS_INLINE void out_duration(struct out *o, i64 ns) {
    out_room(o, FORMAT_ROOM);
    o->at += format_duration((char *)o->at, ns);
}

/* ---- by format ---- */

/* A text as a CSV field: in quotes if it is empty or holds the delimiter, a quote, `\r` or `\n`. */
void out_csv_text(struct out *o, struct str s, u8 delimiter);
/* A text with its quotes, escaped: `\" \\ \b \f \n \r \t \u00..`; all else as it is. */
void out_json_text(struct out *o, struct str s);
/* A text as `print` shows it: as it is, or as JSON has it where it would not stand for itself:
   empty, or with blanks, control bytes, `=`, a quote or a backslash in it. */
void out_print_text(struct out *o, struct str s);
/* What was written from `from` (a size) on, as a value in a folder's name, `column=value`: bytes
   that Hive's readers or a path give a meaning to become `%2F`; a text that stands for null does
   too. */
void out_folder(struct out *o, u64 from);
#define FOLDER_NULL "__HIVE_DEFAULT_PARTITION__"
/* JSON has no NaN and no infinities: null. */
void out_json_f64(struct out *o, double value);
void out_json_f32(struct out *o, float value);

#endif
