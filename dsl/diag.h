/* Diagnostics: what the compiler has to say to the author of a job.
   A diagnostic is a value: code, level, a range of the text with a label, further ranges with
   notes, help lines. It is collected in a list and never printed and never fatal where it is found,
   so one run tells everything it can. struct diag *d = diag_error(diags, E0201, expr->span, "no
   column `%s`", name); diag_label(diags, d, "`bids` has no such column"); diag_note(diags, d,
   decl->span, "`bids` is declared here"); diag_help(diags, d, "did you mean `%s`?", near); Codes
   are stable and listed in diag_codes.def with the text of `millrace explain CODE`. One thread. */
#ifndef DSL_DIAG_H
#define DSL_DIAG_H

#include "dsl/text.h"
#include "runtime/base/arena.h"
#include "runtime/base/text_buf.h"

enum diag_code {
#define DIAG(code, title, explanation) code,
#include "dsl/diag_codes.def"
#undef DIAG
    DIAG_CODE_COUNT
};

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag_note {
    struct diag_note *next;
    struct span span;
    const char *text;
};

struct diag_help {
    struct diag_help *next;
    const char *text;
};

struct diag {
    enum diag_code code;
    enum diag_level level;
    struct span span; /* nowhere: about the whole job */
    const char *message;
    const char *label;       /* beside the carets, or null */
    struct diag_note *notes; /* in the order given */
    struct diag_help *help;
};

struct diags {
    struct arena *arena;
    struct diag **at; /* in the order found; printing sorts */
    u32 count;
    u32 error_count;
    u32 warning_count;
};

enum diag_style { DIAG_PLAIN, DIAG_COLOUR, DIAG_JSON };

void diags_init(struct diags *diags, struct arena *arena);

/* Append a diagnostic and return it, for a label, notes and help. Text is copied into the arena. */
struct diag *diag_error(struct diags *diags, enum diag_code code, struct span span, const char *fmt,
                        ...) __attribute__((format(printf, 4, 5)));
struct diag *diag_warning(struct diags *diags, enum diag_code code, struct span span,
                          const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* What stands beside the carets. */
void diag_label(struct diags *diags, struct diag *diag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Another place that has to do with it: shown under the first one, underlined. */
void diag_note(struct diags *diags, struct diag *diag, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* What to do about it: a line `help: ...`. */
void diag_help(struct diags *diags, struct diag *diag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The candidate that `name` is most probably a misspelling of, or null if none is near: at most a
   third of its letters changed, added, left out or swapped with a neighbour. Of equally near ones
   the first. */
const char *diag_nearest(const char *name, const char *const *candidates, size_t count);

/* Append everything to `to`: by place in the texts, each once, the first 50 errors and warnings.
   DIAG_JSON: one array of objects. Plain and colour: nothing at all if there is nothing to say. */
void diag_print(const struct diags *diags, const struct texts *texts, enum diag_style style,
                struct text_buf *to);

/* User text made harmless for a terminal: nothing in it moves the cursor or turns the line around.
 */
void diag_text_print(const char *text, struct text_buf *to);

/* A place that is no diagnostic's: `file:line:column: message`, and the line with the span
   underlined. */
void diag_place_print(const struct texts *texts, struct span span, const char *message,
                      struct text_buf *to);

/* "E0201", its title and its explanation (for `millrace explain`). */
const char *diag_code_name(enum diag_code code);
const char *diag_code_title(enum diag_code code);
const char *diag_code_explanation(enum diag_code code);
/* The code called `name`; false if there is none. */
bool diag_code_find(const char *name, enum diag_code *code);

#endif
