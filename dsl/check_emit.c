/* When a window gives panes, and how (`emit`, `accumulating`, `discarding`, `retracting`); and the
   streams that update because of it: what may follow them, and the column `op` before a sink. */
#include "dsl/check_internal.h"

#include <string.h>

#define WINDOWS_OF_ROW 10000u

/* ---- triggers ---- */

static bool trigger_period(struct pipe *p, const struct ast_trigger *t, i64 *periods) {
    i64 ns;
    u32 count = 0;
    if (!window_duration(p->c, t->every, "the time of a trigger", 1, &ns)) return false;
    while (count < TRIGGER_PERIODS && periods[count]) count++;
    for (u32 i = 0; i < count; i++)
        if (periods[i] == ns) return true;
    if (count < TRIGGER_PERIODS) {
        periods[count] = ns;
        return true;
    }
    diag_error(p->c->diags, E0413, t->span, "a window has at most %u triggers of one kind",
               TRIGGER_PERIODS);
    return false;
}

/* Of several numbers the least comes first, always. */
static bool trigger_rows(struct pipe *p, const struct ast_trigger *t, u64 *rows) {
    u64 n = 1;
    if (t->unit == AST_EVERY_ROWS) {
        if (!const_count(p->c, t->every, "the number of rows", UINT32_MAX, &n)) return false;
        if (!n) {
            diag_error(p->c->diags, E0404, t->every->span, "a pane has at least one row");
            return false;
        }
    }
    if (!*rows || n < *rows) *rows = n;
    return true;
}

static bool trigger_goes_with(struct pipe *p, const struct ast_window *w,
                              const struct ast_trigger *t, const struct twindow *shape) {
    struct diag *d;
    if (!t->late || shape->lateness_ns) return true;
    d = diag_error(p->c->diags, E0405, t->span, "this window has no late panes");
    if (w->kind == AST_WINDOW_GLOBAL)
        diag_help(p->c->diags, d, "it ends with the input, so no row is late");
    else
        diag_help(p->c->diags, d, "say for how long rows may come after its end: `lateness 10s`");
    return false;
}

static bool window_trigger(struct pipe *p, const struct ast_window *w, const struct ast_trigger *t,
                           struct twindow *shape) {
    struct ttriggers *to = t->late ? &shape->late : &shape->early;
    if (!trigger_goes_with(p, w, t, shape)) return false;
    switch (t->unit) {
    case AST_EVERY_TIME:
        return trigger_period(p, t, to->time_ns);
    case AST_EVERY_WALL:
        return trigger_period(p, t, to->wall_ns);
    case AST_EVERY_ROWS:
    case AST_EVERY_ROW:
        return trigger_rows(p, t, &to->rows);
    }
    return false;
}

bool triggers_say(const struct ttriggers *t) {
    return t->time_ns[0] || t->wall_ns[0] || t->rows;
}

bool window_may_repeat(const struct twindow *w) {
    return w->lateness_ns || triggers_say(&w->early);
}

bool panes_are_plain(const struct twindow *w) {
    const struct ttriggers *late = &w->late;
    return !triggers_say(&w->early) && !late->time_ns[0] && !late->wall_ns[0] && late->rows <= 1 &&
           w->mode == MODE_ACCUMULATING;
}

/* A row goes to each of its windows where they have panes of their own: stage/window_panes.c. */
static bool window_keeps_few(struct pipe *p, const struct ast_window *w,
                             const struct twindow *shape) {
    if (shape->kind != WINDOW_SLIDING || panes_are_plain(shape)) return true;
    if (shape->size_ns / shape->slide_ns <= WINDOWS_OF_ROW) return true;
    not_yet(p->c, w->span, "a row in more than %u windows that have panes besides the one on time",
            WINDOWS_OF_ROW);
    return false;
}

bool window_emit(struct pipe *p, const struct ast_window *w, struct twindow *shape) {
    bool right = true;
    if (w->kind == AST_WINDOW_ROWS && span_is_somewhere(w->emit)) {
        struct diag *d = diag_error(p->c->diags, E0405, w->emit, "a window of rows has no `emit`");
        diag_help(p->c->diags, d, "it gives one pane when its rows are there; say another `every`");
        return false;
    }
    if (w->triggers.count) shape->early = shape->late = (struct ttriggers){ 0 };
    if (!shape->lateness_ns) shape->late = (struct ttriggers){ 0 };
    for (u32 i = 0; i < w->triggers.count; i++)
        right = window_trigger(p, w, &w->triggers.at[i], shape) && right;
    if (shape->lateness_ns && !triggers_say(&shape->late)) shape->late.rows = 1;
    bool several = window_may_repeat(shape); /* one pane is the same in every mode */
    if (w->mode == AST_ACCUMULATING || !several) shape->mode = MODE_ACCUMULATING;
    if (w->mode == AST_DISCARDING && several) shape->mode = MODE_DISCARDING;
    if (w->mode == AST_RETRACTING && several) shape->mode = MODE_RETRACTING;
    return window_keeps_few(p, w, shape) && right;
}

/* ---- streams that update ---- */

bool rows_update(const struct rows *rows) {
    return span_is_somewhere(rows->updates);
}

u32 rows_op(const struct rows *rows) {
    u32 i = rows->schema.count - rows->hidden_count;
    while (i < rows->schema.count && strcmp(rows->schema.columns[i].name, OP_COLUMN)) i++;
    return i;
}

static void note_updates(struct pipe *p, struct diag *d) {
    diag_note(p->c->diags, d, p->rows.updates, "updates come from here");
}

static void help_discarding(struct pipe *p, struct diag *d) {
    struct place place =
        text_place(&p->c->parse->texts, p->rows.updates.file, p->rows.updates.start);
    diag_help(p->c->diags, d, "say `discarding` on line %u: each row is counted once", place.line);
}

static const char *stage_words(struct pipe *p, const struct ast_stage *stage) {
    struct str word = text_of_span(&p->c->parse->texts, stage->word);
    return arena_copy(p->c->arena, word.at, word.size);
}

/* The language has no such stage of updates. */
static bool takes_no_updates(struct pipe *p, const struct ast_stage *stage) {
    struct diag *d =
        diag_error(p->c->diags, E0432, stage->word, "`%s` takes no updates", stage_words(p, stage));
    note_updates(p, d);
    if (stage->kind == AST_STAGE_WINDOW) {
        help_discarding(p, d);
        diag_help(p->c->diags, d, "or put this window first");
    } else if (stage->kind == AST_STAGE_REDUCE || stage->kind == AST_STAGE_TIME) {
        help_discarding(p, d);
    } else {
        diag_help(p->c->diags, d, "`changes` before it makes them plain rows with a column `op`");
    }
    rows_open(&p->rows);
    return false;
}

/* The language has it, this version has not. */
static bool updates_later(struct pipe *p, const struct ast_stage *stage) {
    struct diag *d = not_yet(p->c, stage->word, "`%s` of rows that update", stage_words(p, stage));
    note_updates(p, d);
    help_discarding(p, d);
    rows_open(&p->rows);
    return false;
}

bool updates_may_go(struct pipe *p, const struct ast_stage *stage) {
    if (!rows_update(&p->rows) || p->rows.open) return true;
    switch (stage->kind) {
    case AST_STAGE_WHERE:
    case AST_STAGE_SELECT:
    case AST_STAGE_LET:
    case AST_STAGE_RENAME:
    case AST_STAGE_DROP:
    case AST_STAGE_EXPLODE:
    case AST_STAGE_LOOKUP: /* tables do not change */
    case AST_STAGE_UNION:
    case AST_STAGE_PARALLEL:
    case AST_STAGE_ON:
    case AST_STAGE_BREAK:
    case AST_STAGE_KEY:
    case AST_STAGE_INTO:
        return true;
    case AST_STAGE_WINDOW:
        return stage->window->kind == AST_WINDOW_SAME ? updates_later(p, stage)
                                                      : takes_no_updates(p, stage);
    case AST_STAGE_REDUCE:
    case AST_STAGE_TIME:
    case AST_STAGE_PROCESS:
    case AST_STAGE_MATCH:
        return takes_no_updates(p, stage);
    case AST_STAGE_AGGREGATE:
    case AST_STAGE_JOIN:
    case AST_STAGE_DISTINCT:
    case AST_STAGE_TOP:
    case AST_STAGE_FIRST:
    case AST_STAGE_LAST:
    case AST_STAGE_OVER:
    case AST_STAGE_HOLD:
    case AST_STAGE_CHANGES:
        return updates_later(p, stage);
    }
    return true;
}

/* ---- before a sink ---- */

bool rows_show_op(struct pipe *p, const struct ast_stage *stage, const struct connector_call *call,
                  const struct format *format) {
    struct rows *rows = &p->rows;
    if (!rows_update(rows) || rows->open || !strcmp(call->connector, "blackhole")) return true;
    if (format->kind == FORMAT_BINARY) {
        struct diag *d = diag_error(p->c->diags, E0432, call->span,
                                    "binary rows cannot say what they take back");
        note_updates(p, d);
        diag_help(p->c->diags, d, "`print`, CSV and JSON have a column `op`");
        help_discarding(p, d);
        return false;
    }
    if (field_find(rows, OP_COLUMN)) {
        struct diag *d = diag_error(p->c->diags, E0205, call->span,
                                    "what a row does is written as `op`, and the rows have one");
        note_updates(p, d);
        diag_help(p->c->diags, d, "rename it: `rename action = op`");
        return false;
    }
    struct row_builder b;
    row_begin(&b, p);
    u32 op = rows_op(rows);
    row_column(&b, OP_COLUMN, make_column(p->c, op, rows->schema.columns[op].type, stage->word),
               stage->word);
    for (u32 f = 0; f < rows->field_count; f++)
        row_field(&b, rows->fields[f].name, &rows->fields[f], stage->word);
    if (b.refused) return false;
    row_end(&b, stage, "into");
    return true;
}
