#include "runtime/data/regex.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "runtime/base/ensure.h"

#define STEPS_MAX 1000000u /* of one match: some milliseconds at worst */
#define HEAP_KIB_MAX 16384u
#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (1u << 20)

struct regex {
    pcre2_code *code;
};

struct regex_match {
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

struct regex *regex_compile(const char *pattern, u64 size, u64 *error_at, char *error) {
    int number;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, size, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                                     &number, &offset, NULL);
    if (!code) {
        *error_at = offset;
        pcre2_get_error_message(number, (PCRE2_UCHAR *)error, REGEX_ERROR_ROOM);
        return NULL;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where there is none, pcre2_match interprets */
    struct regex *r = malloc(sizeof *r);
    ENSURE(r);
    r->code = code;
    return r;
}

void regex_free(struct regex *r) {
    if (!r) return;
    pcre2_code_free(r->code);
    free(r);
}

u32 regex_groups(const struct regex *r) {
    u32 count;
    ENSURE(pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &count) == 0);
    return count;
}

struct regex_match *regex_match_new(const struct regex *r) {
    struct regex_match *m = malloc(sizeof *m);
    ENSURE(m);
    m->data = pcre2_match_data_create_from_pattern(r->code, NULL);
    m->limits = pcre2_match_context_create(NULL);
    m->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    ENSURE(m->data && m->limits);
    pcre2_set_match_limit(m->limits, STEPS_MAX);
    pcre2_set_heap_limit(m->limits, HEAP_KIB_MAX);
    if (m->stack) pcre2_jit_stack_assign(m->limits, NULL, m->stack);
    return m;
}

void regex_match_free(struct regex_match *m) {
    if (!m) return;
    if (m->stack) pcre2_jit_stack_free(m->stack);
    pcre2_match_context_free(m->limits);
    pcre2_match_data_free(m->data);
    free(m);
}

/* Whether it matches from there on; errors are limits passed: no match. */
static bool match(const struct regex_use *use, struct str s, u64 from, u32 options) {
    PCRE2_SPTR subject = s.at ? (PCRE2_SPTR)s.at : (PCRE2_SPTR) "";
    return pcre2_match(use->regex->code, subject, s.size, from, options | PCRE2_NO_UTF_CHECK,
                       use->match->data, use->match->limits) >= 0;
}

bool regex_like(const struct regex_use *use, struct str s) {
    return match(use, s, 0, 0);
}

bool regex_extract(const struct regex_use *use, struct str s, u32 group, struct str *out) {
    if (!match(use, s, 0, 0) || group >= pcre2_get_ovector_count(use->match->data)) return false;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(use->match->data);
    PCRE2_SIZE start = places[2 * group], end = places[2 * group + 1];
    if (start == PCRE2_UNSET || end < start)
        return false; /* \K in a lookahead can turn them round */
    *out = (struct str){ s.at + start, end - start };
    return true;
}

/* A piece of the scratch that grows: what was written moves when it is full. */
struct written {
    struct scratch *scratch;
    u8 *start, *at, *end;
};

static void put(struct written *w, const char *at, u64 size) {
    if ((u64)(w->end - w->at) < size) {
        u64 used = (u64)(w->at - w->start), room = 2 * used + size;
        u8 *more = scratch_take(w->scratch, room);
        if (used) memcpy(more, w->start, used);
        *w = (struct written){ w->scratch, more, more + used, more + room };
    }
    if (size) memcpy(w->at, at, size);
    w->at += size;
}

static void put_replacement(struct written *w, const struct regex_use *use, struct str s,
                            struct str with) {
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(use->match->data);
    for (u64 i = 0; i < with.size; i++) {
        char after = i + 1 < with.size ? with.at[i + 1] : 0;
        if (with.at[i] != '$' || (after != '$' && (after < '0' || after > '9'))) {
            put(w, with.at + i, 1);
            continue;
        }
        i++;
        if (after == '$') {
            put(w, "$", 1);
            continue;
        }
        u32 group = (u32)(after - '0');
        if (group >= pcre2_get_ovector_count(use->match->data)) continue;
        PCRE2_SIZE start = places[2 * group], end = places[2 * group + 1];
        if (start != PCRE2_UNSET && end > start) put(w, s.at + start, end - start);
    }
}

/* Like regex_split: behind an empty match the search goes on at the same place, for one that is not
   empty there. */
struct str regex_replace(const struct regex_use *use, struct str s, struct str with,
                         struct scratch *scratch) {
    struct written w = { .scratch = scratch };
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(use->match->data);
    u64 from = 0, copied = 0;
    bool found = false;
    for (u32 options = 0; match(use, s, from, options); found = true) {
        u64 start = places[0], end = places[1];
        if (start < copied || end < start) break; /* \K in a lookahead can turn them round */
        put(&w, s.at + copied, start - copied);
        put_replacement(&w, use, s, with);
        copied = from = end;
        options = start == end ? PCRE2_NOTEMPTY_ATSTART : 0;
    }
    if (!found) return s;
    put(&w, s.at + copied, s.size - copied);
    if (w.at) scratch_give_back(scratch, w.at);
    return (struct str){ (const char *)w.start, (u64)(w.at - w.start) };
}

bool regex_split_next(struct regex_split *it, struct str *piece) {
    if (it->ended) return false;
    u32 options = it->after_empty ? PCRE2_NOTEMPTY_ATSTART : 0;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(it->use->match->data);
    if (match(it->use, it->s, it->from, options) && places[0] >= it->piece &&
        places[1] >= places[0]) {
        *piece = (struct str){ it->s.at + it->piece, places[0] - it->piece };
        it->piece = it->from = places[1];
        it->after_empty = places[0] == places[1];
    } else {
        *piece = (struct str){ it->s.at + it->piece, it->s.size - it->piece };
        it->ended = true;
    }
    return true;
}
