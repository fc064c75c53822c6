/* Where a column of a stream comes from: which are keys, which tell the event time, which tell the
   versions of one row apart. */
#include "dsl/check_test.h"

#include <string.h>

#include "dsl/physical.h"

static bool is_origin(const struct lop *op) {
    return op->kind == LOP_SOURCE || op->kind == LOP_AGGREGATE || op->kind == LOP_UNION;
}

struct origin origin_of(const struct lop *op, u32 port, u32 column) {
    while (port || !is_origin(op)) {
        i32 input = (i32)column; /* late rows are those that came in */
        if (op->kind == LOP_SOURCE) return (struct origin){ NULL, 0 };
        if (op->kind == LOP_PROJECT) {
            const struct texpr *e = op->exprs[column];
            input = e->kind == TEXPR_COLUMN ? (i32)e->column : -1;
        } else if (!port) {
            input = lop_input_column(op, 0, column);
        }
        if (input < 0) return (struct origin){ NULL, 0 };
        column = (u32)input;
        port = op->input_ports[0];
        op = op->inputs[0];
    }
    return (struct origin){ op, column };
}

static u32 group_columns(const struct lop *op) {
    return op->key_count + twindow_columns(&op->window);
}

/* The column of (keys, window, aggregates) that an item of the stage is, as it is; -1: none. */
static i32 plain_item(const struct lop *op, u32 column) {
    u32 first = group_columns(op);
    if (column < first) return (i32)column;
    bool item = column - first < op->item_count && op->items[column - first]->kind == TEXPR_COLUMN;
    return item ? (i32)op->items[column - first]->column : -1;
}

static bool is_rank(const struct lop *op, u32 column) {
    i32 item = plain_item(op, column), first = (i32)group_columns(op);
    return item >= first && op->aggs[item - first].kind == AGG_RANK;
}

/* Which key of the windowed stage the column is; -1: none. */
static i32 key_of(struct origin o) {
    if (!o.op || o.op->kind != LOP_AGGREGATE) return -1;
    i32 item = plain_item(o.op, o.column);
    return item < (i32)o.op->key_count ? item : -1;
}

bool test_is_key(const struct lop *op, u32 port, u32 column) {
    struct origin o = origin_of(op, port, column);
    if (!o.op || o.op->kind != LOP_UNION) return key_of(o) >= 0;
    for (u32 k = 0; k < o.op->input_count; k++) {
        i32 input = lop_input_column(o.op, k, o.column);
        if (input < 0 || !test_is_key(o.op->inputs[k], o.op->input_ports[k], (u32)input))
            return false;
    }
    return true;
}

/* ---- event time ---- */

static bool is_column(const struct texpr *e, i32 column) {
    return e && e->kind == TEXPR_COLUMN && (i32)e->column == column;
}

/* What `column` is where the event time is made: itself (0), 1 ns behind it (1), another (-1). */
static i64 behind_made(const struct lop *op, i32 column) {
    if (op->kind == LOP_SOURCE) return is_column(op->source->time, column) ? 0 : -1;
    if (op->kind == LOP_HOLD)
        return is_column(op->expr, lop_input_column(op, 0, (u32)column)) ? 0 : -1;
    bool has_end = twindow_columns(&op->window) && op->window.kind != WINDOW_ROWS;
    return has_end && column == (i32)op->key_count + 1 ? 1 : -1;
}

static bool makes_time(const struct lop *op) {
    return op->kind == LOP_SOURCE || op->kind == LOP_AGGREGATE || op->kind == LOP_HOLD;
}

/* The column of input k that the column is, as it is; -1: none. Late rows are those that came in.
 */
static i32 below(const struct lop *op, u32 port, u32 k, i32 column) {
    if (port) return column;
    if (op->kind != LOP_PROJECT) return lop_input_column(op, k, (u32)column);
    const struct texpr *e = op->exprs[column];
    return e->kind == TEXPR_COLUMN ? (i32)e->column : -1;
}

i64 test_behind(const struct lop *op, u32 port, i32 column, i32 time) {
    if (column < 0 || time < 0) return -1;
    if (column == time) return 0;
    if (!port && makes_time(op) && time == op->event_time) return behind_made(op, column);
    i64 same = -1;
    for (u32 k = 0; k < op->input_count; k++) {
        i64 one = test_behind(op->inputs[k], op->input_ports[k], below(op, port, k, column),
                              below(op, port, k, time));
        if (one < 0 || (k && one != same)) return -1;
        same = one;
    }
    return same;
}

/* ---- versions of a row ---- */

static const struct lop *windowed_stage(const struct test_names *n) {
    for (u32 i = 0; i < n->count; i++) {
        struct origin o = origin_of(n->rows->op, n->rows->port, n->columns[i]);
        if (o.op && o.op->kind == LOP_AGGREGATE) return o.op;
    }
    return NULL;
}

/* What tells versions apart: the keys, then these. */
enum { PART_START, PART_END, PART_RANK, PARTS };

static bool has_part(const struct lop *stage, u32 part) {
    if (part == PART_START) return twindow_columns(&stage->window);
    if (part == PART_END) return stage->window.kind == WINDOW_SESSION; /* it may grow */
    return stage->rows.kind == ROWS_TOP && stage->rows.most > 1;
}

/* The place of the name that is key number `key`, or, behind the keys, a part; the count of names:
   none is. */
static u32 part_place(const struct test_names *n, const struct lop *stage, u32 key) {
    u32 part = key - stage->key_count;
    for (u32 i = 0; i < n->visible; i++) {
        struct origin o = origin_of(n->rows->op, n->rows->port, n->columns[i]);
        if (o.op != stage) continue;
        if (key < stage->key_count ? key_of(o) == (i32)key
            : part == PART_RANK    ? is_rank(stage, o.column)
                                   : plain_item(stage, o.column) == (i32)key)
            return i;
    }
    return n->count;
}

bool test_version_columns(const struct test_names *n, u32 *places, u32 *count) {
    const struct lop *stage = windowed_stage(n);
    *count = 0;
    if (!stage) return false;
    for (u32 key = 0; key < stage->key_count + PARTS; key++) {
        if (key >= stage->key_count && !has_part(stage, key - stage->key_count)) continue;
        places[*count] = part_place(n, stage, key);
        if (places[*count] == n->count) return false;
        ++*count;
    }
    return true;
}
