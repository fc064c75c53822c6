/* `key by` and `window` say how the next stage goes about it; here they are understood and kept. */
#include "dsl/check_internal.h"
#include "dsl/logical.h"

#include "runtime/base/env.h"
#include "runtime/data/zone.h"

#include <string.h>
#include <strings.h>

#define WINDOW_ROWS_MAX 1000000000u

static void replaces(struct pipe *p, const struct ast_stage *stage, struct span old,
                     const char *what) {
    if (!span_is_somewhere(old)) return;
    struct diag *d =
        diag_error(p->c->diags, E0403, stage->word, "a second `%s` for the same stage", what);
    diag_note(p->c->diags, d, old, "here is the first");
}

static void key_item(struct pipe *p, const struct ast_item *item) {
    struct checker *c = p->c;
    if (item->kind != AST_ITEM_EXPR) {
        struct diag *d =
            diag_error(c->diags, E0209, item->span, "`key by` takes columns one by one");
        diag_help(c->diags, d, "name them: `key by a, b`");
        rows_open(&p->rows);
        return;
    }
    struct scope s = pipe_scope(p);
    s.stateless = false;
    struct texpr *value = check_column_value(&s, item->expr);
    const char *name = item_name(item);
    if (!name) {
        struct diag *d = diag_error(c->diags, E0209, item->span, "a computed key needs a name");
        diag_help(c->diags, d, "write `key by name = ...`");
        name = arena_printf(c->arena, "?%u", p->key_count);
        rows_open(&p->rows);
    }
    for (u32 i = 0; i < p->key_count; i++) {
        if (strcmp(p->keys[i].name, name)) continue;
        struct diag *d = diag_error(c->diags, E0205, item->span, "two keys are called `%s`", name);
        diag_note(c->diags, d, p->keys[i].span, "here is the first");
    }
    p->keys[p->key_count++] = (struct pending_key){ value, name, item->span };
}

void stage_key(struct pipe *p, const struct ast_stage *stage) {
    struct checker *c = p->c;
    replaces(p, stage, p->key_span, "key by");
    p->key_span = stage->span;
    p->key_count = 0;
    if (stage->items.count > AGGREGATES_MAX) {
        diag_error(c->diags, E0413, stage->span, "a key has at most %u columns", AGGREGATES_MAX);
        rows_open(&p->rows);
        return;
    }
    p->keys = arena_alloc(c->arena, (stage->items.count + 1) * sizeof *p->keys);
    for (u32 i = 0; i < stage->items.count; i++) key_item(p, &stage->items.at[i]);
}

/* ---- windows ---- */

bool window_duration(struct checker *c, const struct ast_const *value, const char *what, i64 least,
                     i64 *ns) {
    if (!const_duration(c, value, what, ns)) return false;
    if (*ns >= least && *ns <= WINDOW_NS_MAX) return true;
    if (*ns < least)
        diag_error(c->diags, E0404, value->span, "%s is %s", what,
                   least ? "more than 0s" : "not negative");
    else
        diag_error(c->diags, E0404, value->span, "%s is at most 36500d", what);
    return false;
}

static bool window_rows(struct checker *c, const struct ast_const *value, const char *what,
                        u32 *rows) {
    u64 count;
    if (!const_count(c, value, what, WINDOW_ROWS_MAX, &count)) return false;
    *rows = (u32)count;
    if (count) return true;
    diag_error(c->diags, E0404, value->span, "%s is at least 1 row", what);
    return false;
}

/* ---- calendar windows ---- */

#define ZONES_MAX 2048u

struct zone_list {
    struct arena *arena;
    const char **names, **cities; /* a city is the last part of a name */
    u32 count;
};

static void list_zone(void *arg, const char *name) {
    struct zone_list *list = arg;
    if (list->count == ZONES_MAX) return;
    const char *copy = arena_copy(list->arena, name, strlen(name)), *slash = strrchr(copy, '/');
    list->names[list->count] = copy;
    list->cities[list->count++] = slash ? slash + 1 : copy;
}

/* "berlin" is a city; "Europe/Berlim" is near a name, "Berlim" near a city. */
static const char *nearest_zone(struct checker *c, struct env *env, const char *name) {
    struct zone_list list = { .arena = c->arena,
                              .names = arena_alloc(c->arena, ZONES_MAX * sizeof *list.names),
                              .cities = arena_alloc(c->arena, ZONES_MAX * sizeof *list.cities) };
    zone_names(env, list_zone, &list);
    for (u32 i = 0; i < list.count; i++)
        if (strcasecmp(name, list.cities[i]) == 0) return list.names[i];
    const char *near = diag_nearest(name, list.names, list.count);
    const char *city = near ? NULL : diag_nearest(name, list.cities, list.count);
    for (u32 i = 0; city && i < list.count; i++)
        if (list.cities[i] == city) return list.names[i];
    return near;
}

static bool window_zone(struct checker *c, const struct ast_expr *e, struct twindow *shape) {
    struct env env = env_real();
    shape->zone = "UTC";
    if (!e) return true;
    shape->zone = arena_copy(c->arena, e->string.at, e->string.size);
    if (strcmp(shape->zone, "UTC") == 0) return true;
    struct zone *zone = strlen(shape->zone) == e->string.size ? zone_load(&env, shape->zone) : NULL;
    zone_free(zone);
    if (zone) return true;
    struct diag *d =
        diag_error(c->diags, E0414, e->span, "there is no time zone `%s`", shape->zone);
    const char *near = nearest_zone(c, &env, shape->zone);
    if (near)
        diag_help(c->diags, d, "did you mean `%s`?", near);
    else
        diag_help(c->diags, d,
                  "zones are called as in \"Europe/Berlin\"; they come with the package tzdata");
    return false;
}

/* The window that the rows carry, with its lateness, triggers and mode. */
static bool window_same(struct pipe *p, const struct ast_window *w, struct twindow *shape) {
    struct checker *c = p->c;
    if (p->rows.open) return false;
    if (!p->rows.window) {
        struct diag *d = diag_error(c->diags, E0415, w->span, "these rows are of no window");
        diag_help(c->diags, d,
                  "`window same` stands behind a windowed stage and stages without state; say "
                  "which window: `window tumbling 10s`");
        return false;
    }
    if (p->rows.window->kind == WINDOW_SESSION && !session_is_carried(p)) {
        struct diag *d = diag_error(c->diags, E0415, w->span,
                                    "these rows do not tell of which session they are");
        diag_help(c->diags, d, "keep `window_start` and `window_end` as they came out");
        return false;
    }
    *shape = *p->rows.window;
    shape->same = true;
    shape->wall = false; /* the rows have the time of their window */
    return true;
}

static bool window_shape(struct pipe *p, const struct ast_window *w, struct twindow *shape) {
    struct checker *c = p->c;
    bool right = true;
    switch (w->kind) {
    case AST_WINDOW_TUMBLING:
        shape->kind = WINDOW_TUMBLING;
        right = window_duration(c, w->size, "the size of a window", 1, &shape->size_ns);
        shape->slide_ns = shape->size_ns;
        return right;
    case AST_WINDOW_SLIDING:
        shape->kind = WINDOW_SLIDING;
        right = window_duration(c, w->size, "the size of a window", 1, &shape->size_ns);
        right = window_duration(c, w->every, "the slide of a window", 1, &shape->slide_ns) && right;
        if (!right || shape->slide_ns <= shape->size_ns) return right;
        struct diag *d =
            diag_error(c->diags, E0404, w->every->span, "rows would fall between windows");
        diag_label(c->diags, d, "more than the size of a window");
        diag_note(c->diags, d, w->size->span, "the size");
        diag_help(c->diags, d, "let a window start at least as often as it is long");
        return false;
    case AST_WINDOW_GLOBAL:
        shape->kind = WINDOW_GLOBAL;
        return true;
    case AST_WINDOW_CALENDAR: {
        static const enum time_unit units[] = { [AST_DAY] = UNIT_DAY,
                                                [AST_WEEK] = UNIT_WEEK,
                                                [AST_MONTH] = UNIT_MONTH,
                                                [AST_YEAR] = UNIT_YEAR };
        shape->kind = WINDOW_CALENDAR;
        shape->unit = units[w->unit];
        return window_zone(c, w->zone, shape);
    }
    case AST_WINDOW_SESSION:
        shape->kind = WINDOW_SESSION;
        return window_duration(c, w->size, "the gap of a session", 1, &shape->size_ns);
    case AST_WINDOW_SAME:
        return window_same(p, w, shape);
    case AST_WINDOW_ROWS:
        shape->kind = WINDOW_ROWS;
        shape->timed = p->rows.event_time >= 0;
        shape->marked = shape->timed && p->rows.has_watermark;
        right = window_rows(c, w->size, "the size of a window", &shape->rows);
        shape->every = shape->rows;
        if (!w->every) return right;
        return window_rows(c, w->every, "the slide of a window", &shape->every) && right;
    }
    return false;
}

static bool has_no(struct checker *c, struct span span, const char *window, const char *what,
                   const char *why) {
    if (!span_is_somewhere(span)) return true;
    struct diag *d = diag_error(c->diags, E0405, span, "%s has no %s", window, what);
    diag_help(c->diags, d, "%s", why);
    return false;
}

static bool wall_has_no(struct checker *c, struct span span, const char *what) {
    if (!span_is_somewhere(span)) return true;
    struct diag *d = diag_error(c->diags, E0405, span, "a window by the clock has no %s", what);
    diag_help(c->diags, d, "a row is there when it arrives, so none is late");
    return false;
}

/* By the clock: the time of a row is when it arrives. */
static bool window_wall(struct pipe *p, const struct ast_window *w, struct twindow *shape) {
    struct checker *c = p->c;
    shape->wall = true;
    if (w->kind == AST_WINDOW_SAME)
        return has_no(c, w->wall, "`window same`", "clock of its own",
                      "it is the window of the rows");
    if (w->kind == AST_WINDOW_GLOBAL || w->kind == AST_WINDOW_ROWS) {
        struct diag *d = diag_error(c->diags, E0405, w->wall, "this window goes by no time at all");
        diag_help(c->diags, d, "leave `wall` out");
        return false;
    }
    bool right = true;
    if (w->lateness) right = wall_has_no(c, w->lateness->span, "lateness");
    return wall_has_no(c, w->late.span, "late rows") && right;
}

static struct span const_span(const struct ast_const *value) {
    return value ? value->span : (struct span){ 0 };
}

/* A window whose end is no time that W could pass. */
static bool is_never_late(struct checker *c, const struct ast_window *w, const char *window,
                          const char *why) {
    bool right = has_no(c, const_span(w->lateness), window, "lateness", why);
    return has_no(c, w->late.span, window, "late rows", why) && right;
}

static bool clauses_of_kind(struct checker *c, const struct ast_window *w) {
    struct span offset = const_span(w->offset);
    bool right = true;
    switch (w->kind) {
    case AST_WINDOW_GLOBAL:
        right = has_no(c, offset, "a global window", "offset", "it has no start");
        return is_never_late(c, w, "a global window",
                             "it holds all rows and ends with the input, so no row is late") &&
               right;
    case AST_WINDOW_SESSION:
        return has_no(c, offset, "a session", "offset", "it starts with its first row");
    case AST_WINDOW_ROWS:
        right = has_no(c, offset, "a window of rows", "offset", "it starts with its first row");
        return is_never_late(c, w, "a window of rows",
                             "it takes rows as they arrive, so no row is late") &&
               right;
    case AST_WINDOW_TUMBLING:
    case AST_WINDOW_SLIDING:
    case AST_WINDOW_CALENDAR:
        return true;
    case AST_WINDOW_SAME:
        return has_no(c, offset, "`window same`", "offset", "it is the window of the rows");
    }
    return right;
}

/* It shifts a calendar window, and is not cut down to its size. */
static bool offset_is_small(struct checker *c, const struct ast_window *w, i64 offset) {
    if (offset >= -WINDOW_NS_MAX && offset <= WINDOW_NS_MAX) return true;
    diag_error(c->diags, E0404, w->offset->span, "the offset is at most 36500d");
    return false;
}

static bool window_clauses(struct pipe *p, const struct ast_window *w, struct twindow *shape) {
    struct checker *c = p->c;
    bool right = clauses_of_kind(c, w);
    bool fixed = shape->slide_ns > 0 && !shape->same;
    i64 offset = 0;
    if (right && w->offset) right = const_duration(c, w->offset, "the offset", &offset);
    if (shape->kind == WINDOW_CALENDAR && !shape->same) {
        right = right && offset_is_small(c, w, offset);
        shape->offset_ns = offset;
    }
    if (right && w->lateness)
        right = window_duration(c, w->lateness, "the lateness", 0, &shape->lateness_ns);
    if (fixed) shape->offset_ns = (offset % shape->slide_ns + shape->slide_ns) % shape->slide_ns;
    if (w->late.into_right.text) {
        diag_error(c->diags, E0405, w->late.into_right.span,
                   "a window has one input, and so one stream of late rows");
        right = false;
    }
    if (span_is_somewhere(w->wall)) right = window_wall(p, w, shape) && right;
    return window_emit(p, w, shape) && right;
}

/* Behind a window by the clock W is the clock; fine time still knows that of the source only. */
static bool window_knows_time(struct pipe *p, const struct ast_window *w) {
    if (!lop_window_is_fine(&p->shape) || !rows_by_clock(p->rows.op)) return true;
    not_yet(p->c, w->span,
            w->kind == AST_WINDOW_ROWS ? "a window of rows behind a window by the clock"
                                       : "a session by event time behind a window by the clock");
    return false;
}

/* The window waits for what it can know: that no earlier row is expected. */
static bool window_has_time(struct pipe *p, const struct ast_window *w) {
    struct checker *c = p->c;
    bool free = w->kind == AST_WINDOW_GLOBAL || w->kind == AST_WINDOW_ROWS;
    if (p->rows.open || free || p->shape.wall) return true;
    struct diag *d;
    if (p->rows.event_time < 0) {
        d = diag_error(c->diags, E0401, w->span,
                       "a window needs an event time, and these rows have none");
        diag_help(c->diags, d, "say it at the source: `time COLUMN watermark lag 10s`");
        return false;
    }
    if (p->rows.has_watermark) return true;
    d = diag_error(c->diags, E0401, w->span, "a window needs a watermark to know when it is over");
    diag_help(c->diags, d,
              "say at the source how far rows are out of order: `watermark lag 10s`; or `watermark "
              "at end`");
    return false;
}

void stage_window(struct pipe *p, const struct ast_stage *stage) {
    const struct ast_window *w = stage->window;
    replaces(p, stage, p->window_span, "window");
    p->window_span = span_is_somewhere(w->span) ? span_join(stage->word, w->span) : stage->span;
    p->window = w;
    p->shape = (struct twindow){ 0 };
    bool right = window_shape(p, w, &p->shape);
    right = window_clauses(p, w, &p->shape) && right;
    right = window_has_time(p, w) && right;
    if (right) right = window_knows_time(p, w);
    if (!right) rows_open(&p->rows);
}
