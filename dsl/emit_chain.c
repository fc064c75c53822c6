/* The operators of a chain, one inside the other: what follows a `where` stands in its braces, so
   the readers of a row stand side by side. */
#include "dsl/emit_internal.h"

#include <string.h>

#include "dsl/functions.h"
#include "runtime/base/ensure.h"

struct scope scope_new(struct emitter *e, u32 count) {
    return (struct scope){ arena_alloc(&e->arena, count * sizeof(struct val)), count };
}

/* The scope behind an operator whose columns are those of its input, or its own. */
static struct scope scope_through(struct emitter *e, const struct lop *op, u32 input,
                                  const struct scope *in) {
    struct scope scope = scope_new(e, op->schema.count);
    for (u32 c = 0; c < op->schema.count; c++) {
        i32 from = lop_input_column(op, input, c);
        if (from >= 0 && (u32)from < in->count) scope.columns[c] = in->columns[from];
    }
    return scope;
}

static const bool *used_of(struct emitter *e, const struct lop *op) {
    return e->plan->ops[op->id].used;
}

static void emit_project(struct emitter *e, const struct walk *w, const struct lop *op,
                         const struct scope *in) {
    struct scope scope = scope_new(e, op->schema.count);
    for (u32 c = 0; c < op->schema.count; c++) {
        if (!used_of(e, op)[c]) continue;
        struct val v = expr_value(e, op->exprs[c], in);
        if (op->exprs[c]->kind == TEXPR_COLUMN || op->exprs[c]->kind == TEXPR_CONST) {
            scope.columns[c] = v;
            continue;
        }
        const char *name = text(e, "v%u_%u", op->id, c);
        source_line(e, op->exprs[c]->span);
        declare_value(e, op->schema.columns[c].type, name, v);
        scope.columns[c] = (struct val){ name, v.null ? text(e, "%s_null", name) : NULL };
    }
    emit_readers(e, w, op, 0, &scope);
}

static void emit_where(struct emitter *e, const struct walk *w, const struct lop *op,
                       const struct scope *in) {
    const char *condition = expr_true(e, op->expr, in);
    source_line(e, op->expr->span);
    open_block(e, "if (%s)", condition);
    emit_readers(e, w, op, 0, in);
    close_block(e);
}

/* What is behind it goes by another clock of the source, which comes to the row's time when that
   has been handled. */
static void emit_time(struct emitter *e, const struct walk *w, const struct lop *op,
                      const struct scope *in) {
    u32 source = e->plan->producers[w->producer].of;
    struct walk behind = *w;
    behind.producer = physical_time(e->plan, source, op);
    u32 k = e->plan->producers[behind.producer].time, n = ++e->temp;
    bool stamps = e->plan->sources[source].stamps && !w->ahead;
    if (stamps) {
        line(e, "const i64 stamp%u = c->stamp;", n);
        line(e, "c->stamp = fine_stamp(c->times[%u].top, %lldll);", k,
             (long long)op->watermark.lag_ns);
    }
    open_block(e, "%s", "");
    emit_readers(e, &behind, op, 0, in);
    close_block(e);
    if (stamps) line(e, "c->stamp = stamp%u;", n);
    if (w->ahead || op->watermark.kind == WATERMARK_AT_END) return;
    struct val v = in->columns[op->column];
    line(e, "%s%s%schain_time(c, %u, %s);", v.null ? "if (!" : "", v.null ? v.null : "",
         v.null ? ") " : "", k, v.v);
}

static void emit_stateless(struct emitter *e, const struct walk *w, const struct lop *op, u32 input,
                           const struct scope *in) {
    struct scope scope;
    switch (op->kind) {
    case LOP_WHERE:
        emit_where(e, w, op, in);
        break;
    case LOP_PROJECT:
        emit_project(e, w, op, in);
        break;
    case LOP_EXPLODE:
        emit_explode(e, w, op, in);
        break;
    case LOP_LOOKUP:
        emit_lookup(e, w, op, in);
        break;
    case LOP_UNION:
    case LOP_BREAK:
        scope = scope_through(e, op, input, in);
        emit_readers(e, w, op, 0, &scope);
        break;
    case LOP_TIME:
        emit_time(e, w, op, in);
        break;
    case LOP_SOURCE:
    case LOP_AGGREGATE:
    case LOP_HOLD:
    case LOP_SINK:
        ENSURE(!"a stage has a number");
    }
}

void emit_behind_relay(struct emitter *e, const struct walk *w, const struct lop *op,
                       const struct scope *scope) {
    if (op->kind == LOP_UNION || op->kind == LOP_BREAK)
        emit_readers(e, w, op, 0, scope);
    else
        emit_stateless(e, w, op, 0, scope);
}

void emit_op(struct emitter *e, const struct walk *w, const struct preader *reader,
             const struct scope *in) {
    const struct lop *op = reader->op;
    const struct pop *own = &e->plan->ops[op->id];
    struct scope scope;
    if (own->hole >= 0) {
        if (!w->ahead) emit_hole_take(e, w, op, in);
        return;
    }
    if (own->stage >= 0) {
        scope = op->kind == LOP_UNION ? scope_through(e, op, reader->input, in) : *in;
        emit_send(e, w, (u32)own->stage, &scope);
        return;
    }
    emit_stateless(e, w, op, reader->input, in);
}

/* Names of one reader's values must not meet those of another. */
void emit_readers(struct emitter *e, const struct walk *w, const struct lop *op, u32 port,
                  const struct scope *scope) {
    const struct pop *own = &e->plan->ops[op->id];
    for (u32 i = 0; i < own->reader_count[port]; i++) {
        if (own->reader_count[port] > 1) open_block(e, "%s", "");
        emit_op(e, w, &own->readers[port][i], scope);
        if (own->reader_count[port] > 1) close_block(e);
    }
}

/* ---- explode ---- */

void emit_explode(struct emitter *e, const struct walk *w, const struct lop *op,
                  const struct scope *in) {
    const struct texpr *list = op->expr;
    struct type string = { .kind = TYPE_STRING };
    struct val s = name_value(e, string, expr_value(e, list->args[0], in));
    u32 n = ++e->temp;
    bool is_class = false;
    source_line(e, op->span);
    if (s.null) open_block(e, "if (!%s)", s.null);
    const char *way = "text";
    if (list->function->id == FN_SPLIT) {
        struct val separator = expr_value(e, list->args[1], in);
        line(e, "struct split_text split%u;", n);
        line(e, "split_text_begin(&split%u, %s, %s);", n, s.v, separator.v);
    } else {
        struct str pattern = list->args[1]->value.str;
        u32 class = class_number(e, pattern, &is_class);
        way = is_class ? "class" : "regex";
        if (is_class) {
            line(e, "struct split_class split%u;", n);
            line(e, "split_class_begin(&split%u, %s, &b%u);", n, s.v, class);
        } else {
            line(e, "struct regex_split split%u;", n);
            line(e, "regex_split_begin(&split%u, %s, &c->regexes[%u]);", n, s.v,
                 regex_number(e, pattern));
        }
    }
    const char *next =
        strcmp(way, "regex") == 0 ? "regex_split_next" : text(e, "split_%s_next", way);
    open_block(e, "for (struct str v%u_%u; %s(&split%u, &v%u_%u);)", op->id, op->column, next, n,
               op->id, op->column);
    struct scope scope = scope_through(e, op, 0, in);
    scope.columns[op->column] = (struct val){ text(e, "v%u_%u", op->id, op->column), NULL };
    emit_readers(e, w, op, 0, &scope);
    close_block(e);
    if (s.null) close_block(e);
}

/* ---- lookup ---- */

static u32 table_of(struct emitter *e, const struct lop *op) {
    return (u32)e->plan->ops[op->id].table;
}

/* Column of the table's row: `r->c2`, with its flag. */
static struct val table_column(struct emitter *e, const struct ttable *table, const char *row,
                               u32 column) {
    const struct type *type = &table->schema.columns[column].type;
    return (struct val){ text(e, "%s->c%u", row, column),
                         type->nullable ? text(e, "%s->c%u_null", row, column) : NULL };
}

/* Names the keys; the text that is true if one of them is null. */
static const char *lookup_keys(struct emitter *e, const struct lop *op, const struct scope *in,
                               struct val *keys) {
    const char *null = NULL;
    for (u32 i = 0; i < op->lookup_key_count; i++) {
        keys[i] = name_value(e, op->lookup_keys[i]->type, expr_value(e, op->lookup_keys[i], in));
        if (keys[i].null) null = null ? text(e, "%s || %s", null, keys[i].null) : keys[i].null;
    }
    return null;
}

static const char *lookup_match(struct emitter *e, const struct lop *op, const struct val *keys,
                                const char *row) {
    const char *match = "";
    for (u32 i = 0; i < op->lookup_key_count; i++) {
        struct val column = table_column(e, op->table, row, op->table_keys[i]);
        struct type type = op->lookup_keys[i]->type;
        const char *v =
            cast_value(e, op->table->schema.columns[op->table_keys[i]].type, type, column).v;
        match = text(e, "%s%s%s%s", match, i ? " && " : "",
                     column.null ? text(e, "!%s && ", column.null) : "",
                     compare_text(e, OP_EQUAL, type, v, keys[i].v));
    }
    return *match ? match : "true";
}

static struct scope lookup_scope(struct emitter *e, const struct lop *op, const struct scope *in,
                                 const char *row) {
    struct scope scope = scope_through(e, op, 0, in);
    for (u32 i = 0; i < op->table->schema.count; i++) {
        u32 c = op->looked_first + i;
        if (!used_of(e, op)[c]) continue;
        struct val v = table_column(e, op->table, row, i);
        if (op->left) { /* no row: null */
            struct type type = op->table->schema.columns[i].type;
            v.null = v.null ? text(e, "(!%s || %s)", row, v.null) : text(e, "!%s", row);
            v.v = text(e, "(%s ? %s : %s)", row, v.v, c_zero(type));
            v = name_value(e, type, v);
        }
        scope.columns[c] = v;
    }
    if (op->looked_matched >= 0)
        scope.columns[op->looked_matched] = (struct val){ text(e, "(%s != NULL)", row), NULL };
    return scope;
}

/* `left`: after the last match, if there was none, once more without a row. */
static void left_lookup(struct emitter *e, const struct walk *w, const struct lop *op,
                        const struct scope *in, const char *null, const struct val *keys, u32 n) {
    u32 table = table_of(e, op);
    const char *row = text(e, "row%u", n);
    open_block(e, "for (bool found%u = false, last%u = false; !last%u;)", n, n, n);
    line(e, "const struct t%u_row *%s = %s%s%stable_next(t%u, sizeof *%s, h%u, &at%u);", table, row,
         null ? "(" : "", null ? null : "", null ? ") ? NULL : " : "", n, row, n, n);
    line(e, "last%u = !%s;", n, row);
    line(e, "if (last%u ? found%u : !(%s)) continue;", n, n, lookup_match(e, op, keys, row));
    struct scope scope = lookup_scope(e, op, in, row);
    if (op->lookup_rest)
        line(e, "if (%s && !%s) continue;", row, expr_true(e, op->lookup_rest, &scope));
    line(e, "found%u = true;", n);
    emit_readers(e, w, op, 0, &scope);
    line(e, "if (!t%u->repeats) break;", n);
    close_block(e);
}

static void inner_lookup(struct emitter *e, const struct walk *w, const struct lop *op,
                         const struct scope *in, const struct val *keys, u32 n) {
    u32 table = table_of(e, op);
    const char *row = text(e, "row%u", n);
    open_block(e, "for (const struct t%u_row *%s; (%s = table_next(t%u, sizeof *%s, h%u, &at%u));)",
               table, row, row, n, row, n, n);
    line(e, "if (!(%s)) continue;", lookup_match(e, op, keys, row));
    struct scope scope = lookup_scope(e, op, in, row);
    if (op->lookup_rest) line(e, "if (!%s) continue;", expr_true(e, op->lookup_rest, &scope));
    emit_readers(e, w, op, 0, &scope);
    line(e, "if (!t%u->repeats) break;", n);
    close_block(e);
}

void emit_lookup(struct emitter *e, const struct walk *w, const struct lop *op,
                 const struct scope *in) {
    struct val *keys = arena_alloc(&e->arena, op->lookup_key_count * sizeof *keys);
    u32 n = ++e->temp;
    const char *null = lookup_keys(e, op, in, keys);
    const char *args = "";
    for (u32 i = 0; i < op->lookup_key_count; i++)
        args = text(e, "%s, %s", args, hash_part(e, op->lookup_keys[i]->type, keys[i].v));
    source_line(e, op->span);
    line(e, "const struct table *t%u = c->tables[%u];", n, table_of(e, op));
    line(e, "const u64 h%u = t%u_hash(t%u->hash_key%s);", n, table_of(e, op), n, args);
    line(e, "u64 at%u = table_home(t%u, h%u);", n, n, n);
    if (op->left) {
        left_lookup(e, w, op, in, null, keys, n);
        return;
    }
    if (null) open_block(e, "if (!(%s))", null);
    inner_lookup(e, w, op, in, keys, n);
    if (null) close_block(e);
}
