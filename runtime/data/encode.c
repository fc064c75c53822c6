#include "runtime/data/encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/ensure.h"
#include "runtime/data/swar.h"

#define ROOM_LEAST 4096u

void out_init(struct out *o) {
    *o = (struct out){ 0 };
}

void out_fini(struct out *o) {
    free(o->start);
    out_init(o);
}

void out_grow(struct out *o, u64 room) {
    u64 size = o->start ? out_size(o) : 0, wanted = 2 * (size + room);
    if (wanted < ROOM_LEAST) wanted = ROOM_LEAST;
    u8 *start = realloc(o->start, wanted);
    ENSURE(start);
    *o = (struct out){ .at = start + size, .end = start + wanted, .start = start };
}

/* Both texts are copied as they are, and looked at where they now lie: there the bytes behind may
   be read too. Most hold nothing special, and are done. */
#define AHEAD 8u

/* Whether a CSV field of these bytes must be quoted. Up to 7 bytes behind are read. */
static bool csv_is_special(const u8 *at, u64 size, u8 delimiter) {
    u64 found = 0;
    for (u64 i = 0; i < size; i += 8) {
        u64 v = swar_load(at + i);
        u64 here = swar_equal(v, '"') | swar_equal(v, delimiter) | swar_equal(v, '\n') |
                   swar_equal(v, '\r');
        if (size - i < 8) here &= (1ull << (size - i) * 8) - 1;
        found |= here;
    }
    return found;
}

void out_csv_text(struct out *o, struct str s, u8 delimiter) {
    out_room(o, 2 * s.size + 2 + AHEAD);
    if (s.size) {
        memcpy(o->at, s.at, s.size);
        if (LIKELY(!csv_is_special(o->at, s.size, delimiter))) {
            o->at += s.size;
            return;
        }
    }
    u8 *to = o->at;
    *to++ = '"';
    for (u64 i = 0; i < s.size; i++) {
        if (s.at[i] == '"') *to++ = '"';
        *to++ = (u8)s.at[i];
    }
    *to++ = '"';
    o->at = to;
}

static bool json_is_special(const u8 *at, u64 size) {
    u64 found = 0;
    for (u64 i = 0; i < size; i += 8) {
        u64 v = swar_load(at + i),
            here = swar_equal(v, '"') | swar_equal(v, '\\') | swar_control(v);
        if (size - i < 8) here &= (1ull << (size - i) * 8) - 1;
        found |= here;
    }
    return found;
}

static u8 *json_escape(u8 *to, u8 byte) {
    static const char letters[] = "\"\\bfnrt", bytes[] = "\"\\\b\f\n\r\t",
                      hex[] = "0123456789abcdef";
    *to++ = '\\';
    const char *found = byte ? strchr(bytes, byte) : NULL;
    if (found) {
        *to++ = (u8)letters[found - bytes];
        return to;
    }
    to = mempcpy(to, "u00", 3);
    *to++ = (u8)hex[byte >> 4];
    *to++ = (u8)hex[byte & 15];
    return to;
}

void out_json_text(struct out *o, struct str s) {
    out_room(o, s.size + 2 + AHEAD);
    *o->at = '"';
    if (s.size) memcpy(o->at + 1, s.at, s.size);
    if (LIKELY(!json_is_special(o->at + 1, s.size))) {
        o->at[s.size + 1] = '"';
        o->at += s.size + 2;
        return;
    }
    out_room(o, 6 * s.size + 2); /* `\u0000` for a byte */
    u8 *to = o->at + 1;
    for (u64 i = 0; i < s.size; i++) {
        u8 byte = (u8)s.at[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            to = json_escape(to, byte);
        else
            *to++ = byte;
    }
    *to++ = '"';
    o->at = to;
}

static bool folder_is_special(u8 byte) {
    return byte < 0x20 || byte == 0x7f || strchr("\"#%'*/:=?\\{[]^", byte);
}

static u8 *folder_escape(u8 *to, u8 byte) {
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '%';
    *to++ = (u8)digits[byte >> 4];
    *to++ = (u8)digits[byte & 15];
    return to;
}

void out_folder(struct out *o, u64 from) {
    u64 size = out_size(o) - from, specials = 0;
    bool is_null = size == sizeof FOLDER_NULL - 1 && !memcmp(o->start + from, FOLDER_NULL, size);
    for (u64 i = 0; i < size; i++) specials += folder_is_special(o->start[from + i]);
    if (!specials && !is_null) return;
    /* From a copy behind its place. */
    out_room(o, 4 * size);
    u8 *to = o->start + from, *at = to + 3 * size;
    memmove(at, to, size);
    for (u64 i = 0; i < size; i++)
        if (folder_is_special(at[i]) || (is_null && !i))
            to = folder_escape(to, at[i]);
        else
            *to++ = at[i];
    o->at = to;
}

void out_json_f64(struct out *o, double value) {
    if (LIKELY(isfinite(value)))
        out_f64(o, value);
    else
        out_bytes(o, "null", 4);
}

void out_json_f32(struct out *o, float value) {
    if (LIKELY(isfinite(value)))
        out_f32(o, value);
    else
        out_bytes(o, "null", 4);
}

void out_print_text(struct out *o, struct str s) {
    bool plain = s.size > 0;
    for (u64 i = 0; i < s.size; i++) {
        u8 byte = (u8)s.at[i];
        plain &= byte > 0x20 && byte != 0x7f && byte != '=' && byte != '"' && byte != '\\';
    }
    if (plain)
        out_bytes(o, s.at, s.size);
    else
        out_json_text(o, s);
}
