#include "dsl/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/ensure.h"

static const struct {
    const char *name, *title, *explanation;
} codes[] = {
#define DIAG(code, title, explanation) { #code, title, explanation },
#include "dsl/diag_codes.def"
#undef DIAG
};

void diags_init(struct diags *diags, struct arena *arena) {
    *diags = (struct diags){ .arena = arena };
}

static const char *format(struct arena *arena, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static const char *format(struct arena *arena, const char *fmt, va_list args) {
    char most[256];
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(most, sizeof most, fmt, again);
    va_end(again);
    ENSURE(size >= 0);
    if ((size_t)size < sizeof most) return arena_copy(arena, most, (size_t)size);
    char *text = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, fmt, args);
    return text;
}

static struct diag *append(struct diags *diags, enum diag_level level, enum diag_code code,
                           struct span span, const char *message) {
    /* full at every power of two: twice the room */
    if ((diags->count & (diags->count - 1)) == 0) {
        size_t room = diags->count ? 2 * (size_t)diags->count : 1;
        struct diag **at = arena_alloc(diags->arena, room * sizeof *at);
        if (diags->count > 0) memcpy(at, diags->at, diags->count * sizeof *at);
        diags->at = at;
    }
    struct diag *diag = arena_alloc(diags->arena, sizeof *diag);
    *diag = (struct diag){ .code = code, .level = level, .span = span, .message = message };
    diags->at[diags->count++] = diag;
    *(level == DIAG_ERROR ? &diags->error_count : &diags->warning_count) += 1;
    return diag;
}

struct diag *diag_error(struct diags *diags, enum diag_code code, struct span span, const char *fmt,
                        ...) {
    va_list args;
    va_start(args, fmt);
    const char *message = format(diags->arena, fmt, args);
    va_end(args);
    return append(diags, DIAG_ERROR, code, span, message);
}

struct diag *diag_warning(struct diags *diags, enum diag_code code, struct span span,
                          const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const char *message = format(diags->arena, fmt, args);
    va_end(args);
    return append(diags, DIAG_WARNING, code, span, message);
}

void diag_label(struct diags *diags, struct diag *diag, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    diag->label = format(diags->arena, fmt, args);
    va_end(args);
}

void diag_note(struct diags *diags, struct diag *diag, struct span span, const char *fmt, ...) {
    struct diag_note *note = arena_alloc(diags->arena, sizeof *note);
    note->span = span;
    va_list args;
    va_start(args, fmt);
    note->text = format(diags->arena, fmt, args);
    va_end(args);
    struct diag_note **last = &diag->notes;
    while (*last) last = &(*last)->next;
    *last = note;
}

void diag_help(struct diags *diags, struct diag *diag, const char *fmt, ...) {
    struct diag_help *help = arena_alloc(diags->arena, sizeof *help);
    va_list args;
    va_start(args, fmt);
    help->text = format(diags->arena, fmt, args);
    va_end(args);
    struct diag_help **last = &diag->help;
    while (*last) last = &(*last)->next;
    *last = help;
}

#define NEAR_LETTERS_MAX 40 /* longer words are not misspelt but different */

static u32 least(u32 a, u32 b) {
    return a < b ? a : b;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* Letters to change, add, leave out, or swap with a neighbour to get from a to b. Three rows of the
 * usual table. */
static u32 distance(const char *a, u32 na, const char *b, u32 nb) {
    u32 rows[3][NEAR_LETTERS_MAX + 1];
    for (u32 j = 0; j <= nb; j++) rows[0][j] = j;
    for (u32 i = 1; i <= na; i++) {
        u32 *now = rows[i % 3], *before = rows[(i + 2) % 3], *before2 = rows[(i + 1) % 3];
        now[0] = i;
        for (u32 j = 1; j <= nb; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + !same);
            bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) now[j] = least(now[j], before2[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

const char *diag_nearest(const char *name, const char *const *candidates, size_t count) {
    size_t length = strlen(name);
    if (length > NEAR_LETTERS_MAX) return NULL;
    const char *nearest = NULL;
    bool same_length = false; /* of the nearest: of two, that is the better one */
    u32 best = length < 5 ? 2 : (u32)(length + 1) / 3 + 1; /* must be below it */
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > NEAR_LETTERS_MAX) continue;
        u32 d = distance(name, (u32)length, candidates[i], (u32)other);
        /* a word of which nothing is left is not near */
        bool better = d < best || (d == best && nearest && other == length && !same_length);
        if (!better || d >= other || d >= length) continue;
        best = d;
        nearest = candidates[i];
        same_length = other == length;
    }
    return nearest;
}

const char *diag_code_name(enum diag_code code) {
    return codes[code].name;
}
const char *diag_code_title(enum diag_code code) {
    return codes[code].title;
}
const char *diag_code_explanation(enum diag_code code) {
    return codes[code].explanation;
}

bool diag_code_find(const char *name, enum diag_code *code) {
    for (int i = 0; i < DIAG_CODE_COUNT; i++)
        if (strcasecmp(codes[i].name, name) == 0) {
            *code = (enum diag_code)i;
            return true;
        }
    return false;
}
