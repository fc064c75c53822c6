#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsl/parse_internal.h"
#include "dsl/utf8.h"

#define NS_PER_S INT64_C(1000000000)
#define S_PER_DAY INT64_C(86400)

static struct diag *complain(struct parser *p, enum diag_code code, struct span span,
                             const char *message) {
    return diag_error(&p->parse->diags, code, span, "%s", message);
}

static void help(struct parser *p, struct diag *diag, const char *text) {
    diag_help(&p->parse->diags, diag, "%s", text);
}

/* --- numbers --- */

static u32 digit_value(char c) {
    if (c >= '0' && c <= '9') return (u32)(c - '0');
    if (c >= 'a' && c <= 'f') return (u32)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return (u32)(c - 'A' + 10);
    return 16;
}

/* Digits and `_` from *at on, which moves behind them; false if they do not fit. */
static bool read_digits(const char **at, const char *end, u32 base, u64 *value) {
    bool fits = true;
    *value = 0;
    for (; *at < end; (*at)++) {
        u32 digit = digit_value(**at);
        if (**at == '_') continue;
        if (digit >= base) break;
        fits = fits && !__builtin_mul_overflow(*value, base, value) &&
               !__builtin_add_overflow(*value, digit, value);
    }
    return fits;
}

u64 literal_int(struct parser *p, struct span span, struct str text) {
    bool hex = text.size > 2 && (text.at[1] | 0x20) == 'x';
    const char *at = text.at + (hex ? 2 : 0);
    u64 value;
    if (read_digits(&at, text.at + text.size, hex ? 16 : 10, &value)) return value;
    struct diag *diag = complain(p, E0108, span, "this integer is too large");
    help(p, diag,
         "the largest is 18446744073709551615; with a decimal point it is a float or a decimal");
    return 0;
}

double literal_float(struct parser *p, struct span span, struct str text, const char **digits) {
    char *plain = arena_alloc(p->arena, text.size + 1);
    size_t size = 0;
    for (u64 i = 0; i < text.size; i++)
        if (text.at[i] != '_') plain[size++] = text.at[i];
    *digits = plain;
    double value = strtod(plain, NULL);
    if (isfinite(value)) return value;
    complain(p, E0108, span, "this number is too large");
    return 0;
}

struct unit {
    const char *name;
    u64 size;
};

/* The unit that the text begins with; of `m` and `ms` the longer. */
static const struct unit *find_unit(const struct unit *units, size_t count, const char *at,
                                    size_t size) {
    const struct unit *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(units[i].name);
        if (length > size || memcmp(units[i].name, at, length) != 0) continue;
        if (!best || length > strlen(best->name)) best = &units[i];
    }
    return best;
}

i64 literal_duration(struct parser *p, struct span span, struct str text) {
    static const struct unit units[] = { { "d", 86400u * UINT64_C(1000000000) },
                                         { "h", 3600u * UINT64_C(1000000000) },
                                         { "m", 60u * UINT64_C(1000000000) },
                                         { "s", 1000000000 },
                                         { "ms", 1000000 },
                                         { "us", 1000 },
                                         { "ns", 1 } };
    const char *at = text.at, *end = text.at + text.size;
    u64 total = 0, last = UINT64_MAX;
    bool fits = true, descends = true;
    while (at < end) {
        u64 count, part;
        fits = read_digits(&at, end, 10, &count) && fits;
        const struct unit *unit =
            find_unit(units, sizeof units / sizeof *units, at, (size_t)(end - at));
        at += strlen(unit->name);
        descends = descends && unit->size < last;
        last = unit->size;
        fits = fits && !__builtin_mul_overflow(count, unit->size, &part) &&
               !__builtin_add_overflow(total, part, &total) && total <= INT64_MAX;
    }
    if (!fits) {
        complain(p, E0108, span, "this duration is too long: more than 292 years");
    } else if (!descends) {
        struct diag *diag = complain(p, E0107, span, "the units of this duration are out of order");
        help(p, diag, "larger units first, each once: 1h30m");
    } else {
        return (i64)total;
    }
    return 0;
}

u64 literal_size(struct parser *p, struct span span, struct str text) {
    static const struct unit units[] = { { "KiB", UINT64_C(1) << 10 },
                                         { "MiB", UINT64_C(1) << 20 },
                                         { "GiB", UINT64_C(1) << 30 },
                                         { "TiB", UINT64_C(1) << 40 } };
    const char *at = text.at, *end = text.at + text.size;
    u64 count, bytes;
    bool fits = read_digits(&at, end, 10, &count);
    const struct unit *unit =
        find_unit(units, sizeof units / sizeof *units, at, (size_t)(end - at));
    if (fits && !__builtin_mul_overflow(count, unit->size, &bytes)) return bytes;
    complain(p, E0108, span, "this size is too large");
    return 0;
}

/* --- strings and names --- */

struct unescape {
    struct parser *p;
    u32 start; /* where the bytes at `from` stand in the text */
    const char *from, *at, *end;
    char *to;
    bool failed;
};

static void bad_escape(struct unescape *u, const char *begin, const char *message,
                       const char *advice) {
    struct span span = { u->p->text->id, u->start + (u32)(begin - u->from),
                         u->start + (u32)(u->at - u->from) };
    struct diag *diag = complain(u->p, E0106, span, message);
    if (advice) help(u->p, diag, advice);
    u->failed = true;
}

/* \u{1F600}; at is behind the `u` */
static void unescape_character(struct unescape *u, const char *begin) {
    if (u->at == u->end || *u->at != '{') {
        bad_escape(u, begin, "`\\u` wants the number of a character in braces",
                   "for example \\u{e9}");
        return;
    }
    u64 number;
    u->at++;
    const char *digits = u->at;
    bool fits = read_digits(&u->at, u->end, 16, &number);
    bool closed = u->at > digits && u->at < u->end && *u->at == '}';
    if (closed) u->at++;
    if (!closed)
        bad_escape(u, begin, "`\\u{` wants hexadecimal digits and `}`", "for example \\u{e9}");
    else if (!fits || number > 0x10FFFF || (number >= 0xD800 && number < 0xE000))
        bad_escape(u, begin, "there is no character of this number", NULL);
    else
        u->to += utf8_encode((u32)number, u->to);
}

/* \xHH and \ooo: one byte */
static void unescape_byte(struct unescape *u, const char *begin, u32 base, u32 most) {
    u32 value = 0, count = 0;
    for (; count < most && u->at < u->end && digit_value(*u->at) < base; count++)
        value = value * base + digit_value(*u->at++);
    if (count == 0)
        bad_escape(u, begin, "`\\x` wants two hexadecimal digits", "for example \\x7f");
    else if (value > 255)
        bad_escape(u, begin, "this is more than a byte", NULL);
    else
        *u->to++ = (char)value;
}

static void unescape_one(struct unescape *u) {
    static const char plain[][2] = { { 'n', '\n' }, { 't', '\t' },  { 'r', '\r' },  { '\\', '\\' },
                                     { '"', '"' },  { '\'', '\'' }, { 'a', '\a' },  { 'b', '\b' },
                                     { 'f', '\f' }, { 'v', '\v' },  { 'e', '\33' }, { '?', '?' } };
    const char *begin = u->at++;
    char c = *u->at;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i][0] == c) {
            u->at++;
            *u->to++ = plain[i][1];
            return;
        }
    if (c == 'u') {
        u->at++;
        unescape_character(u, begin);
    } else if (c == 'x') {
        u->at++;
        unescape_byte(u, begin, 16, 2);
    } else if (c >= '0' && c <= '7') {
        unescape_byte(u, begin, 8, 3);
    } else {
        u32 character;
        u->at += utf8_decode(u->at, (size_t)(u->end - u->at), &character);
        bad_escape(u, begin, "there is no such escape",
                   "a backslash is written \\\\, and r\"...\" takes all of them as they are");
    }
}

/* The result is never longer than what is written. */
struct str literal_string(struct parser *p, struct span span, struct str quoted) {
    struct unescape u = { .p = p,
                          .start = span.start,
                          .from = quoted.at,
                          .at = quoted.at + 1,
                          .end = quoted.at + quoted.size - 1 };
    char *bytes = u.to = arena_alloc(p->arena, quoted.size);
    while (u.at < u.end) {
        if (*u.at == '\\')
            unescape_one(&u);
        else
            *u.to++ = *u.at++;
    }
    size_t size = (size_t)(u.to - bytes);
    *u.to = 0;
    if (!u.failed && utf8_prefix(bytes, size) < size) {
        struct diag *diag =
            complain(p, E0106, span, "the escapes of this string do not make valid UTF-8");
        help(p, diag,
             "a character is written \\u{...} with its number; for other bytes use "
             "from_hex(\"...\")");
    }
    return (struct str){ bytes, size };
}

struct str literal_raw_string(struct parser *p, struct str quoted) {
    return (struct str){ arena_copy(p->arena, quoted.at + 2, quoted.size - 3), quoted.size - 3 };
}

const char *literal_name(struct parser *p, struct span span, struct str quoted) {
    const char *name = arena_copy(p->arena, quoted.at + 1, quoted.size - 2);
    if (quoted.size == 2) complain(p, E0113, span, "this name is empty");
    for (const char *c = name; *c; c++)
        if ((u8)*c < 0x20 || *c == 0x7F) {
            complain(p, E0113, span, "a name holds no control characters");
            break;
        }
    return name;
}

/* --- dates and timestamps --- */

/* Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that they end in
   their leap day, and from 400 years earlier, so that none is negative. */
static i64 days_from_date(i64 year, i64 month, i64 day) {
    i64 y = (month > 2 ? year : year - 1) + 400, m = (month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468 - 146097;
}

static i64 days_in_month(i64 year, i64 month) {
    static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

struct time_text {
    const char *at, *end, *wrong; /* wrong: what is, or null */
};

/* Just `count` digits, at most `most`. */
static i64 number(struct time_text *t, u32 count, i64 least, i64 most, const char *wrong) {
    i64 value = 0;
    for (u32 i = 0; i < count; i++, t->at++) {
        if (t->wrong || t->at == t->end || *t->at < '0' || *t->at > '9') {
            if (!t->wrong) t->wrong = wrong;
            return least;
        }
        value = 10 * value + (*t->at - '0');
    }
    if (value >= least && value <= most) return value;
    t->wrong = wrong;
    return least;
}

static bool accept(struct time_text *t, char c) {
    if (t->wrong || t->at == t->end || *t->at != c) return false;
    t->at++;
    return true;
}

static void demand(struct time_text *t, char c, const char *wrong) {
    if (!accept(t, c) && !t->wrong) t->wrong = wrong;
}

static i64 read_date(struct time_text *t) {
    i64 year = number(t, 4, 0, 9999, "the year has four digits");
    demand(t, '-', "a date is written @2024-01-15");
    i64 month = number(t, 2, 1, 12, "the month is 01 to 12");
    demand(t, '-', "a date is written @2024-01-15");
    i64 day = number(t, 2, 1, 31, "the day has two digits");
    if (!t->wrong && day > days_in_month(year, month)) t->wrong = "the month has no such day";
    return days_from_date(year, month, day);
}

static i64 read_fraction_ns(struct time_text *t) {
    i64 ns = 0, weight = NS_PER_S;
    const char *first = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9') {
        weight /= 10;
        ns += weight * (*t->at++ - '0');
    }
    if (t->at == first || t->at - first > 9) t->wrong = "the fraction has one to nine digits";
    return ns;
}

/* hh:mm[:ss[.fraction]](Z|+hh:mm|-hh:mm): seconds of the day in UTC, and what is left in ns */
static i64 read_clock(struct time_text *t, i64 *ns) {
    i64 hour = number(t, 2, 0, 23, "the hour is 00 to 23");
    demand(t, ':', "a time is written 10:00:00");
    i64 minute = number(t, 2, 0, 59, "the minute is 00 to 59"), second = 0;
    *ns = 0;
    if (accept(t, ':')) {
        second = number(t, 2, 0, 59, "the second is 00 to 59");
        if (accept(t, '.')) *ns = read_fraction_ns(t);
    }
    i64 offset = 0;
    if (!accept(t, 'Z')) {
        i64 sign = accept(t, '-') ? -1 : 1;
        if (sign > 0) demand(t, '+', "a timestamp ends in Z or an offset such as +01:00");
        offset = sign * 3600 * number(t, 2, 0, 23, "the hours of the offset are 00 to 23");
        demand(t, ':', "an offset is written +01:00");
        offset += sign * 60 * number(t, 2, 0, 59, "the minutes of the offset are 00 to 59");
    }
    return 3600 * hour + 60 * minute + second - offset;
}

int literal_time(struct parser *p, struct span span, struct str text, union FLOW_STYPE *value) {
    struct time_text t = { text.at + 1, text.at + text.size, NULL };
    i64 days = read_date(&t);
    bool is_date = t.at == t.end;
    i64 seconds = 0, ns = 0;
    if (!is_date) {
        demand(&t, 'T', "after the date comes T and the time: @2024-01-15T10:00:00Z");
        seconds = read_clock(&t, &ns);
        if (!t.wrong && t.at < t.end) t.wrong = "nothing may follow";
    }
    *value = (union FLOW_STYPE){ .T_TIMESTAMP = 0 };
    if (t.wrong) {
        u32 at = span.start + (u32)(t.at - text.at);
        struct span here = { span.file, at < span.end ? at : span.end, span.end };
        struct diag *diag = complain(p, E0109, here, "malformed date or timestamp");
        diag_label(&p->parse->diags, diag, "%s", t.wrong);
        return T_TIMESTAMP;
    }
    if (is_date) {
        value->T_DATE = (i32)days;
        return T_DATE;
    }
    __int128 whole = (__int128)(days * S_PER_DAY + seconds) * NS_PER_S + ns;
    if (whole < INT64_MIN || whole > INT64_MAX)
        complain(p, E0109, span, "a timestamp is between 1677-09-21 and 2262-04-11");
    value->T_TIMESTAMP = (i64)whole;
    return T_TIMESTAMP;
}
