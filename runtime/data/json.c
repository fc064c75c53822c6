#include "runtime/data/json.h"

#include <string.h>

#include "runtime/data/swar.h"

static bool is_blank(u8 c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
static bool is_digit(u8 c) {
    return c - (u32)'0' <= 9;
}

static const u8 *skip_blanks(const u8 *at, const u8 *end) {
    while (at < end && is_blank(*at)) at++;
    return at;
}

bool json_is_blank(const u8 *at, u64 size) {
    return skip_blanks(at, at + size) == at + size;
}

/* ---- strings ---- */

/* The first quote, backslash or control byte; `end` if there is none. */
static const u8 *plain_end(const u8 *at, const u8 *end) {
    for (; end - at >= 8; at += 8) {
        u64 v = swar_load(at), found = swar_equal(v, '"') | swar_equal(v, '\\') | swar_control(v);
        if (found) return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && *at != '"' && *at != '\\' && *at >= 0x20) at++;
    return at;
}

/* Four hexadecimal digits, or -1. */
static i32 hex4(const u8 *at, const u8 *end) {
    i32 value = 0;
    if (end - at < 4) return -1;
    for (u32 i = 0; i < 4; i++) {
        u32 digit = at[i] - (u32)'0';
        if (digit > 9) {
            digit = (at[i] | 0x20) - (u32)'a';
            if (digit > 5) return -1;
            digit += 10;
        }
        value = value << 4 | (i32)digit;
    }
    return value;
}

/* `\uXXXX`, perhaps a pair of surrogates, after the u: writes the character. Null: wrong. */
static const u8 *unescape_unicode(const u8 *at, const u8 *end, u8 **to) {
    i32 c = hex4(at, end);
    at += 4;
    if (c < 0 || (c >= 0xdc00 && c < 0xe000)) return NULL;
    if (c >= 0xd800 && c < 0xdc00) {
        if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return NULL;
        i32 low = hex4(at + 2, end);
        if (low < 0xdc00 || low >= 0xe000) return NULL;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
    }
    u8 *out = *to;
    if (c < 0x80) {
        *out++ = (u8)c;
    } else {
        u32 n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (u32 i = n; i-- > 1; c >>= 6) out[i] = (u8)(0x80 | (c & 0x3f));
        *out = (u8)(0xf00u >> n | (u32)c);
        out += n;
    }
    *to = out;
    return at;
}

/* One escape, after the backslash. */
static const u8 *unescape(const u8 *at, const u8 *end, u8 **to) {
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    if (at == end) return NULL;
    if (*at == 'u') return unescape_unicode(at + 1, end, to);
    const char *letter = *at ? strchr(letters, *at) : NULL;
    if (!letter) return NULL;
    *(*to)++ = (u8)bytes[letter - letters];
    return at + 1;
}

/* From behind the opening quote to the closing one, which must be there unless `whole`: then the
   string is all of [at, end). Answers where it ended; null: wrong. What is written is never longer
   than what is read. */
static const u8 *read_string(const u8 *at, const u8 *end, bool whole, struct scratch *scratch,
                             struct str *out) {
    const u8 *plain = plain_end(at, end);
    if (plain == end ? whole : *plain == '"' && !whole) {
        *out = (struct str){ (const char *)at, (u64)(plain - at) };
        return plain;
    }
    if (plain == end || *plain != '\\') return NULL;
    /* The piece of scratch ends up as long as what was read; it cannot be known before. */
    const u8 *close = plain;
    while (close < end && *close != '"' && *close >= 0x20) close += *close == '\\' ? 2 : 1;
    if (close > end || (close == end) != whole || (!whole && *close != '"')) return NULL;
    u8 *start = scratch_take(scratch, (u64)(close - at)), *to = start;
    while (at < close) {
        plain = plain_end(at, close);
        to = mempcpy(to, at, (u64)(plain - at));
        at = plain;
        if (at < close && !(at = unescape(at + 1, close, &to))) return NULL;
    }
    scratch_give_back(scratch, to);
    *out = (struct str){ (char *)start, (u64)(to - start) };
    return close;
}

bool json_string(const u8 *at, u64 size, struct scratch *to, struct str *out) {
    return read_string(at, at + size, true, to, out) != NULL;
}

/* ---- numbers ---- */

static const u8 *skip_digits(const u8 *at, const u8 *end) {
    while (at < end && is_digit(*at)) at++;
    return at;
}

/* The end of the number that begins at `at`; null: there is none. */
static const u8 *number_end(const u8 *at, const u8 *end) {
    at += at < end && *at == '-';
    if (at == end || !is_digit(*at)) return NULL;
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    if (at < end && *at == '.') {
        const u8 *from = at + 1;
        at = skip_digits(from, end);
        if (at == from) return NULL;
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        at += at < end && (*at == '-' || *at == '+');
        const u8 *from = at;
        at = skip_digits(from, end);
        if (at == from) return NULL;
    }
    return at;
}

bool json_is_number(const u8 *at, u64 size) {
    return number_end(at, at + size) == at + size;
}

/* ---- the walker ---- */

static bool read_value(struct json_walk *w, u32 depth, struct json_value *value);

/* After the opening quote; leaves w->at behind the closing one. */
static bool read_text(struct json_walk *w, struct str *out) {
    const u8 *close = read_string(w->at, w->end, false, w->scratch, out);
    if (!close) return false;
    w->at = close + 1;
    return true;
}

static bool take(struct json_walk *w, u8 byte) {
    w->at = skip_blanks(w->at, w->end);
    bool there = w->at < w->end && *w->at == byte;
    w->at += there;
    return there;
}

/* `"key": value` */
static bool read_member(struct json_walk *w, u32 depth, struct str *key, struct json_value *value) {
    return take(w, '"') && read_text(w, key) && take(w, ':') && read_value(w, depth, value);
}

/* An array or object, checked like everything else, given as it is written. */
static bool read_nested(struct json_walk *w, u32 depth, struct json_value *value) {
    const u8 *start = w->at;
    bool object = *w->at++ == '{';
    u8 close = object ? '}' : ']';
    struct json_value inner;
    struct str key;
    if (depth == JSON_DEPTH) return false;
    if (!take(w, close)) {
        do {
            if (!(object ? read_member(w, depth + 1, &key, &inner)
                         : read_value(w, depth + 1, &inner)))
                return false;
        } while (take(w, ','));
        if (!take(w, close)) return false;
    }
    *value = (struct json_value){ JSON_NESTED, { (const char *)start, (u64)(w->at - start) } };
    return true;
}

static bool read_word(struct json_walk *w, const char *word, enum json_kind kind,
                      struct json_value *value) {
    u64 n = strlen(word);
    if ((u64)(w->end - w->at) < n || memcmp(w->at, word, n) != 0) return false;
    *value = (struct json_value){ kind, { (const char *)w->at, n } };
    w->at += n;
    return true;
}

static bool read_value(struct json_walk *w, u32 depth, struct json_value *value) {
    w->at = skip_blanks(w->at, w->end);
    if (w->at == w->end) return false;
    switch (*w->at) {
    case '"':
        w->at++;
        value->kind = JSON_STRING;
        return read_text(w, &value->text);
    case '{':
    case '[':
        return read_nested(w, depth, value);
    case 't':
        return read_word(w, "true", JSON_TRUE, value);
    case 'f':
        return read_word(w, "false", JSON_FALSE, value);
    case 'n':
        return read_word(w, "null", JSON_NULL, value);
    }
    const u8 *end = number_end(w->at, w->end);
    if (!end) return false;
    *value = (struct json_value){ JSON_NUMBER, { (const char *)w->at, (u64)(end - w->at) } };
    w->at = end;
    return true;
}

enum json_step json_walk_next(struct json_walk *w, struct str *key, struct json_value *value) {
    bool first = !w->begun;
    if (first && !take(w, '{')) return JSON_BROKEN;
    w->begun = true;
    if (take(w, '}')) return json_is_blank(w->at, (u64)(w->end - w->at)) ? JSON_END : JSON_BROKEN;
    if (!first && !take(w, ',')) return JSON_BROKEN;
    return read_member(w, 1, key, value) ? JSON_MEMBER : JSON_BROKEN;
}

/* ---- a part of a text ---- */

/* Steps into the array at hand, to its element of that number. */
static bool enter_element(struct json_walk *w, u64 number) {
    struct json_value passed;
    if (!take(w, '[')) return false;
    for (u64 i = 0; i < number; i++)
        if (!read_value(w, 1, &passed) || !take(w, ',')) return false;
    return true;
}

static bool enter_member(struct json_walk *w, const char *name, u64 size) {
    struct json_value passed;
    struct str key;
    if (!take(w, '{')) return false;
    do {
        if (!take(w, '"') || !read_text(w, &key) || !take(w, ':')) return false;
        if (key.size == size && memcmp(key.at, name, size) == 0) return true;
        if (!read_value(w, 1, &passed)) return false;
    } while (take(w, ','));
    return false;
}

bool json_get(struct str s, struct str path, struct scratch *scratch, struct str *out) {
    struct json_walk w;
    struct json_value value;
    json_walk_begin(&w, (const u8 *)s.at, s.size, scratch);
    const char *at = path.at, *const end = path.at + path.size;
    while (at < end) {
        if (*at == '[') {
            u64 number = 0;
            const char *digit = ++at;
            for (; at < end && is_digit((u8)*at) && number < UINT32_MAX; at++)
                number = number * 10 + (u64)(*at - '0');
            if (at == digit || at == end || *at++ != ']' || !enter_element(&w, number))
                return false;
        } else {
            at += *at == '.' && at > path.at;
            const char *name = at;
            while (at < end && *at != '.' && *at != '[') at++;
            if (!enter_member(&w, name, (u64)(at - name))) return false;
        }
    }
    if (!read_value(&w, 1, &value) || value.kind == JSON_NULL) return false;
    *out = value.text;
    return true;
}
