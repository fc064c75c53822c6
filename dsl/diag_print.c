#include <stdlib.h>
#include <string.h>

#include "dsl/diag.h"
#include "dsl/utf8.h"
#include "runtime/base/ensure.h"

#define SHOWN_MAX 50
#define BEFORE_CHARS 60 /* of a long line: so much is shown before the place, */
#define SHOWN_CHARS 160 /* and so much in all */

struct printer {
    const struct texts *texts;
    struct text_buf *to;
    bool colour;
    u32 digits; /* of the largest line number of the diagnostic at hand */
};

static const char RED[] = "\33[1;31m", YELLOW[] = "\33[1;33m", BLUE[] = "\33[1;34m",
                  GREEN[] = "\33[1;32m", BOLD[] = "\33[1m", RESET[] = "\33[0m";

static void put_coloured(struct printer *p, const char *colour, const char *text) {
    if (p->colour) text_buf_str(p->to, colour);
    text_buf_str(p->to, text);
    if (p->colour) text_buf_str(p->to, RESET);
}

/* What would move the cursor, turn the line around or is no character at all must not reach a
 * terminal. */
static bool is_harmless(u32 c) {
    return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && !(c >= 0x202A && c <= 0x202E) &&
           !(c >= 0x2066 && c <= 0x2069);
}

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

/* One character of user text, made harmless: its bytes; *columns is the place it takes. */
static u32 put_char(struct text_buf *to, const char *at, size_t size, u32 *columns) {
    u32 c, length = utf8_decode(at, size, &c);
    *columns = 1;
    if (length == 1 && c == '\t') {
        text_buf_str(to, "    ");
        *columns = 4;
    } else if (length == 0 || !is_harmless(c)) {
        text_buf_str(to, REPLACEMENT);
    } else {
        text_buf_put(to, at, length);
        *columns = utf8_width(c);
    }
    return length ? length : 1;
}

static void put_clean(struct text_buf *to, const char *text) {
    u32 columns;
    for (size_t size = strlen(text); size > 0;) {
        u32 length = put_char(to, text, size, &columns);
        text += length;
        size -= length;
    }
}

static void put_repeated(struct text_buf *to, char c, u32 count) {
    for (u32 i = 0; i < count; i++) text_buf_put(to, &c, 1);
}

/* The part of a line that is shown: all of it, or what is around `start` if it is long. */
static u32 first_shown(struct str line, u32 start) {
    if (line.size <= SHOWN_CHARS || start <= BEFORE_CHARS) return 0;
    u32 from = start - BEFORE_CHARS;
    while (from > 0 && (line.at[from] & 0xC0) == 0x80) from--;
    return from;
}

/* The source line of a span, unless `again` says it is just above; under it the mark and the label.
 */
static void put_lines(struct printer *p, struct span span, bool again, char mark,
                      const char *colour, const char *label) {
    struct place place = text_place(p->texts, span.file, span.start);
    struct str line = text_line(place.text, place.line);
    u32 line_start = place.text->line_starts[place.line - 1];
    u32 start = span.start - line_start, end = span.end - line_start;
    if (start > line.size) start = (u32)line.size;
    if (end > line.size) end = (u32)line.size;

    struct text_buf shown;
    text_buf_init(&shown);
    u32 from = first_shown(line, start), at = from, before = 0, under = 0, columns;
    if (from > 0) {
        text_buf_str(&shown, "...");
        before = 3;
    }
    while (at < line.size && at - from < SHOWN_CHARS) {
        u32 here = at;
        at += put_char(&shown, line.at + at, line.size - at, &columns);
        if (here < start)
            before += columns;
        else if (here < end)
            under += columns;
    }
    if (at < line.size) text_buf_str(&shown, "...");

    if (!again) {
        text_buf_printf(p->to, "  %*u | ", (int)p->digits, place.line);
        while (shown.size > 0 && shown.at[shown.size - 1] == ' ') shown.size--;
        text_buf_put(p->to, shown.at, shown.size);
        text_buf_str(p->to, "\n");
    }
    text_buf_fini(&shown);
    text_buf_printf(p->to, "  %*s | ", (int)p->digits, "");
    put_repeated(p->to, ' ', before);
    if (p->colour) text_buf_str(p->to, colour);
    put_repeated(p->to, mark, under ? under : 1);
    if (label) {
        text_buf_str(p->to, " ");
        put_clean(p->to, label);
    }
    if (p->colour) text_buf_str(p->to, RESET);
    text_buf_str(p->to, "\n");
}

static u32 digits_of(u32 number) {
    u32 digits = 1;
    while (number >= 10) {
        number /= 10;
        digits++;
    }
    return digits;
}

static u32 most_digits(const struct texts *texts, const struct diag *diag) {
    u32 most = text_place(texts, diag->span.file, diag->span.start).line;
    for (const struct diag_note *note = diag->notes; note; note = note->next) {
        if (!span_is_somewhere(note->span)) continue;
        u32 line = text_place(texts, note->span.file, note->span.start).line;
        if (line > most) most = line;
    }
    return digits_of(most);
}

static void put_place(struct printer *p, struct span span) {
    struct place place = text_place(p->texts, span.file, span.start);
    put_clean(p->to, place.text->path);
    text_buf_printf(p->to, ":%u:%u", place.line, place.column);
}

static void put_notes(struct printer *p, const struct diag *diag) {
    struct span above = diag->span;
    for (const struct diag_note *note = diag->notes; note; note = note->next) {
        if (!span_is_somewhere(note->span)) {
            put_coloured(p, BLUE, "note:");
            text_buf_str(p->to, " ");
            put_clean(p->to, note->text);
            text_buf_str(p->to, "\n");
            continue;
        }
        bool same_file = note->span.file == above.file;
        if (!same_file) {
            text_buf_str(p->to, "  --> ");
            put_place(p, note->span);
            text_buf_str(p->to, "\n");
        }
        bool again = same_file && text_place(p->texts, above.file, above.start).line ==
                                      text_place(p->texts, note->span.file, note->span.start).line;
        put_lines(p, note->span, again, '-', BLUE, note->text);
        above = note->span;
    }
}

static void put_diag(struct printer *p, const struct diag *diag) {
    bool is_error = diag->level == DIAG_ERROR, placed = span_is_somewhere(diag->span);
    const char *colour = is_error ? RED : YELLOW;
    if (p->colour) text_buf_str(p->to, BOLD);
    if (placed) {
        put_place(p, diag->span);
        text_buf_str(p->to, ": ");
    }
    if (p->colour) text_buf_str(p->to, colour);
    text_buf_printf(p->to, "%s[%s]", is_error ? "error" : "warning", diag_code_name(diag->code));
    if (p->colour) text_buf_printf(p->to, "%s%s", RESET, BOLD);
    text_buf_str(p->to, ": ");
    put_clean(p->to, diag->message);
    text_buf_printf(p->to, "%s\n", p->colour ? RESET : "");
    if (placed) {
        p->digits = most_digits(p->texts, diag);
        put_lines(p, diag->span, false, '^', colour, diag->label);
    }
    put_notes(p, diag);
    for (const struct diag_help *help = diag->help; help; help = help->next) {
        put_coloured(p, GREEN, "help:");
        text_buf_str(p->to, " ");
        put_clean(p->to, help->text);
        text_buf_str(p->to, "\n");
    }
}

/* --- JSON --- */

static void json_text(struct text_buf *to, const char *text) {
    text_buf_str(to, "\"");
    for (size_t size = strlen(text); size > 0;) {
        u32 c, length = utf8_decode(text, size, &c);
        if (length == 0)
            text_buf_str(to, REPLACEMENT);
        else if (c == '"' || c == '\\')
            text_buf_printf(to, "\\%c", (char)c);
        else if (c < 0x20 || c == 0x7F)
            text_buf_printf(to, "\\u%04x", c);
        else
            text_buf_put(to, text, length);
        if (length == 0) length = 1;
        text += length;
        size -= length;
    }
    text_buf_str(to, "\"");
}

static void json_place(struct printer *p, struct span span) {
    if (!span_is_somewhere(span)) {
        text_buf_str(p->to, "\"file\": null, \"line\": 0, \"column\": 0, \"end_line\": 0, "
                            "\"end_column\": 0");
        return;
    }
    struct place start = text_place(p->texts, span.file, span.start);
    struct place end = text_place(p->texts, span.file, span.end);
    text_buf_str(p->to, "\"file\": ");
    json_text(p->to, start.text->path);
    text_buf_printf(p->to, ", \"line\": %u, \"column\": %u, \"end_line\": %u, \"end_column\": %u",
                    start.line, start.column, end.line, end.column);
}

static void json_label(struct printer *p, struct span span, const char *text, bool primary) {
    text_buf_str(p->to, "{");
    json_place(p, span);
    text_buf_str(p->to, ", \"text\": ");
    json_text(p->to, text);
    text_buf_printf(p->to, ", \"primary\": %s}", primary ? "true" : "false");
}

static void json_diag(struct printer *p, const struct diag *diag) {
    text_buf_printf(p->to, "{\"code\": \"%s\", \"level\": \"%s\", \"message\": ",
                    diag_code_name(diag->code), diag->level == DIAG_ERROR ? "error" : "warning");
    json_text(p->to, diag->message);
    text_buf_str(p->to, ", ");
    json_place(p, diag->span);
    text_buf_str(p->to, ", \"labels\": [");
    if (diag->label) json_label(p, diag->span, diag->label, true);
    for (const struct diag_note *note = diag->notes; note; note = note->next) {
        if (diag->label || note != diag->notes) text_buf_str(p->to, ", ");
        json_label(p, note->span, note->text, false);
    }
    text_buf_str(p->to, "], \"help\": [");
    for (const struct diag_help *help = diag->help; help; help = help->next) {
        if (help != diag->help) text_buf_str(p->to, ", ");
        json_text(p->to, help->text);
    }
    text_buf_str(p->to, "]}");
}

/* --- all of them --- */

static int by_number(u32 a, u32 b) {
    return (a > b) - (a < b);
}

/* By place, those without one last; equal ones beside each other. */
static int by_place(const void *left, const void *right) {
    const struct diag *a = *(const struct diag *const *)left,
                      *b = *(const struct diag *const *)right;
    int order =
        by_number(a->span.file - 1, b->span.file - 1); /* 0, nowhere, becomes the greatest */
    if (!order) order = by_number(a->span.start, b->span.start);
    if (!order) order = by_number(a->span.end, b->span.end);
    if (!order) order = by_number(a->code, b->code);
    return order ? order : strcmp(a->message, b->message);
}

/* Sorted, each once; the caller frees. */
static const struct diag **sorted(const struct diags *diags, u32 *count) {
    const struct diag **list = malloc((diags->count + 1) * sizeof *list);
    ENSURE(list);
    if (diags->count > 0) memcpy(list, diags->at, diags->count * sizeof *list);
    qsort(list, diags->count, sizeof *list, by_place);
    *count = 0;
    for (u32 i = 0; i < diags->count; i++)
        if (i == 0 || by_place(&list[i], &list[*count - 1]) != 0) list[(*count)++] = list[i];
    return list;
}

void diag_print(const struct diags *diags, const struct texts *texts, enum diag_style style,
                struct text_buf *to) {
    struct printer p = { .texts = texts, .to = to, .colour = style == DIAG_COLOUR };
    u32 count;
    const struct diag **list = sorted(diags, &count);
    if (style == DIAG_JSON) {
        for (u32 i = 0; i < count; i++) {
            text_buf_str(to, i == 0 ? "[" : ",\n ");
            json_diag(&p, list[i]);
        }
        text_buf_str(to, count == 0 ? "[]\n" : "]\n");
    } else {
        for (u32 i = 0; i < count && i < SHOWN_MAX; i++) {
            if (i > 0) text_buf_str(to, "\n");
            put_diag(&p, list[i]);
        }
        if (count > SHOWN_MAX) text_buf_printf(to, "\n... and %u more\n", count - SHOWN_MAX);
    }
    free(list);
}

void diag_text_print(const char *text, struct text_buf *to) {
    put_clean(to, text);
}

void diag_place_print(const struct texts *texts, struct span span, const char *message,
                      struct text_buf *to) {
    struct printer p = { .texts = texts, .to = to };
    p.digits = digits_of(text_place(texts, span.file, span.start).line);
    put_place(&p, span);
    text_buf_str(to, ": ");
    put_clean(to, message);
    text_buf_str(to, "\n");
    put_lines(&p, span, false, '^', "", NULL);
}
