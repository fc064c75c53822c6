/* Where a column of a stream comes from: which are keys, which tell the event time, which tell the
   versions of one row apart. */
#include "dsl/check_test.h"

#include <string.h>

#include "dsl/physical.h"

/* The source, windowed stage or union that the column is of, unchanged on the way; of none: op is
   null. */
struct origin {
    const struct lop *op;
    u32 column;
};

static bool is_origin(const struct lop *op, bool of_time) {
    return op->kind == LOP_SOURCE || op->kind == LOP_AGGREGATE || op->kind == LOP_UNION ||
           (of_time && op->kind == LOP_HOLD);
}

/* of_time: or the stage whose rows have another event time than those that came in. */
static struct origin origin_of(const struct lop *op, u32 port, u32 column, bool of_time) {
    while (port || !is_origin(op, of_time)) {
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

/* What `of` says of the column in each input of a union, if it is the same everywhere; else -1. */
static i64 in_all(struct origin o, i64 (*of)(const struct lop *op, u32 port, u32 column)) {
    i64 same = -1;
    for (u32 k = 0; k < o.op->input_count; k++) {
        i32 column = lop_input_column(o.op, k, o.column);
        i64 one = column < 0 ? -1 : of(o.op->inputs[k], o.op->input_ports[k], (u32)column);
        if (one < 0 || (k && one != same)) return -1;
        same = one;
    }
    return same;
}

static i64 zero_if_key(const struct lop *op, u32 port, u32 column) {
    struct origin o = origin_of(op, port, column, false);
    if (o.op && o.op->kind == LOP_UNION) return in_all(o, zero_if_key);
    return key_of(o) < 0 ? -1 : 0;
}

bool test_is_key(const struct lop *op, u32 port, u32 column) {
    return zero_if_key(op, port, column) == 0;
}

static bool is_time(struct origin o, const struct texpr *time, u32 column) {
    bool same = time && time->kind == TEXPR_COLUMN && time->column == column;
    return same || o.op->event_time == (i32)o.column;
}

i64 test_behind_event_time(const struct lop *op, u32 port, u32 column) {
    struct origin o = origin_of(op, port, column, true);
    if (!o.op) return -1;
    if (o.op->kind == LOP_UNION) return in_all(o, test_behind_event_time);
    if (o.op->kind == LOP_SOURCE) return is_time(o, o.op->source->time, o.column) ? 0 : -1;
    if (o.op->kind == LOP_HOLD)
        return is_time(o, o.op->expr, (u32)lop_input_column(o.op, 0, o.column)) ? 0 : -1;
    bool end = twindow_columns(&o.op->window) && o.op->window.kind != WINDOW_ROWS &&
               o.column == o.op->key_count + 1;
    return end ? 1 : -1;
}

/* ---- versions of a row ---- */

static const struct lop *windowed_stage(const struct test_names *n) {
    for (u32 i = 0; i < n->count; i++) {
        struct origin o = origin_of(n->rows->op, n->rows->port, n->columns[i], false);
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
        struct origin o = origin_of(n->rows->op, n->rows->port, n->columns[i], false);
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
