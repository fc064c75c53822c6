/* Patterns that are a repeated character class, read as PCRE2 reads them; anything in doubt is
 * refused. */
#include <string.h>

#include "runtime/data/split.h"

struct set {
    bool has[128];
    bool high; /* all characters beyond ASCII */
};

struct reader {
    const u8 *at, *end;
};

static bool is_digit(u32 c) {
    return c - '0' < 10;
}
static bool is_upper(u32 c) {
    return c - 'A' < 26;
}
static bool is_lower(u32 c) {
    return c - 'a' < 26;
}
static bool is_word(u32 c) {
    return is_digit(c) || is_upper(c) || is_lower(c) || c == '_';
}
static bool is_space(u32 c) {
    return c == ' ' || c - '\t' < 5;
}
static bool is_blank(u32 c) {
    return c == ' ' || c == '\t';
}
static bool is_alpha(u32 c) {
    return is_upper(c) || is_lower(c);
}
static bool is_alnum(u32 c) {
    return is_alpha(c) || is_digit(c);
}
static bool is_graph(u32 c) {
    return c > 0x20 && c < 0x7f;
}
static bool is_print(u32 c) {
    return c >= 0x20 && c < 0x7f;
}
static bool is_punct(u32 c) {
    return is_graph(c) && !is_alnum(c);
}
static bool is_control(u32 c) {
    return c < 0x20 || c == 0x7f;
}
static bool is_hex(u32 c) {
    return is_digit(c) || (c | 32) - 'a' < 6;
}
static bool is_ascii(u32 c) {
    return c < 0x80;
}

static const struct {
    const char *name;
    bool (*is)(u32 c);
} posix[] = {
    { "alpha", is_alpha }, { "digit", is_digit },   { "alnum", is_alnum }, { "upper", is_upper },
    { "lower", is_lower }, { "space", is_space },   { "blank", is_blank }, { "punct", is_punct },
    { "graph", is_graph }, { "cntrl", is_control }, { "print", is_print }, { "xdigit", is_hex },
    { "word", is_word },   { "ascii", is_ascii },
};

static void set_add(struct set *set, bool (*is)(u32 c), bool negated) {
    for (u32 c = 0; c < 128; c++) set->has[c] |= is(c) != negated;
    set->high |= negated;
}

/* `\w` and its like, after the backslash. */
static bool add_shorthand(struct set *set, u8 letter) {
    switch (letter) {
    case 'w':
    case 'W':
        set_add(set, is_word, letter == 'W');
        return true;
    case 's':
    case 'S':
        set_add(set, is_space, letter == 'S');
        return true;
    case 'd':
    case 'D':
        set_add(set, is_digit, letter == 'D');
        return true;
    }
    return false;
}

static u32 hex_value(u32 c) {
    return is_digit(c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* `\xh`, `\xhh`, `\x{h...}`, after the x: an ASCII character, or -1. */
static int read_hex(struct reader *r) {
    bool braced = r->at < r->end && *r->at == '{';
    u32 value = 0, digits = 0;
    for (r->at += braced; r->at < r->end && is_hex(*r->at) && digits < (braced ? 6 : 2); digits++)
        value = value * 16 + hex_value(*r->at++);
    if (braced && (!digits || r->at == r->end || *r->at++ != '}')) return -1;
    return value < 128 ? (int)value : -1;
}

/* A character that stands for itself, after the backslash, or -1. */
static int read_escape(struct reader *r) {
    if (r->at == r->end) return -1;
    u8 letter = *r->at++;
    switch (letter) {
    case 'a':
        return '\a';
    case 'e':
        return 0x1b;
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'x':
        return read_hex(r);
    }
    return letter < 128 && !is_alnum(letter) ? letter : -1;
}

/* `[:name:]` or `[:^name:]`, after the first bracket and colon. */
static bool add_posix(struct set *set, struct reader *r) {
    bool negated = r->at < r->end && *r->at == '^';
    r->at += negated;
    for (u32 i = 0; i < sizeof posix / sizeof posix[0]; i++) {
        u64 n = strlen(posix[i].name);
        if ((u64)(r->end - r->at) < n + 2 || memcmp(r->at, posix[i].name, n) != 0) continue;
        if (r->at[n] != ':' || r->at[n + 1] != ']') continue;
        set_add(set, posix[i].is, negated);
        r->at += n + 2;
        return true;
    }
    return false;
}

enum item { ITEM_CHARACTER, ITEM_SET, ITEM_REFUSED };

/* One item of a bracketed class: a character, or a set that is added at once. */
static enum item read_item(struct reader *r, struct set *set, u32 *c) {
    u8 first = *r->at++;
    if (first >= 128) return ITEM_REFUSED;
    if (first == '[' && r->at < r->end && strchr(":.=", *r->at)) {
        if (*r->at++ != ':') return ITEM_REFUSED;
        return add_posix(set, r) ? ITEM_SET : ITEM_REFUSED;
    }
    *c = first;
    if (first != '\\') return ITEM_CHARACTER;
    if (r->at < r->end && add_shorthand(set, *r->at)) {
        r->at++;
        return ITEM_SET;
    }
    int escaped = read_escape(r);
    *c = (u32)escaped;
    return escaped < 0 ? ITEM_REFUSED : ITEM_CHARACTER;
}

/* After the opening bracket; a `]` in first place stands for itself. */
static bool read_brackets(struct reader *r, struct set *set) {
    bool negated = r->at < r->end && *r->at == '^';
    r->at += negated;
    for (bool first = true;; first = false) {
        u32 low, high;
        if (r->at == r->end) return false;
        if (*r->at == ']' && !first) break;
        enum item item = read_item(r, set, &low);
        if (item == ITEM_REFUSED) return false;
        bool dash = r->end - r->at >= 2 && r->at[0] == '-' && r->at[1] != ']';
        if (item == ITEM_SET) {
            if (dash) return false;
            continue;
        }
        high = low;
        if (dash) {
            r->at++;
            if (read_item(r, set, &high) != ITEM_CHARACTER || high < low) return false;
        }
        for (u32 c = low; c <= high; c++) set->has[c] = true;
    }
    r->at++;
    for (u32 c = 0; negated && c < 128; c++) set->has[c] = !set->has[c];
    set->high = set->high != negated;
    return true;
}

bool byte_class_from_pattern(const char *pattern, u64 size, struct byte_class *out) {
    struct reader r = { (const u8 *)pattern, (const u8 *)pattern + size };
    struct set set = { 0 };
    if (size < 2) return false;
    u8 first = *r.at++;
    if (first == '[') {
        if (!read_brackets(&r, &set)) return false;
    } else if (first == '\\' && add_shorthand(&set, *r.at)) {
        r.at++;
    } else {
        int c = first == '\\' ? read_escape(&r) : first;
        if (c < 0 || c >= 128 || (first != '\\' && (c == 0 || strchr("^$.|()?*+{", c))))
            return false;
        set.has[c] = true;
    }
    if (r.end - r.at != 1 || *r.at != '+') return false;
    *out = (struct byte_class){ .high = set.high };
    for (u32 c = 0; c < 128; c++) out->low[c & 15] |= (u8)(set.has[c] << (c >> 4));
    return true;
}
