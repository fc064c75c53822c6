/* KIND_KEPT: what KIND_ALL holds, as contents of the region: the least value is the least of texts,
   short and long, the greatest the first of three rows, with ties. */
#include "tests/stage/window_cases.h"
#include "tests/support/number_key.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 3u
#define SHIFT 1000000 /* values as texts of seven digits, which are in the same order */

struct kept_row {
    u64 arrival;
    i64 value;
    struct key_text text;
};

struct kept_acc {
    u64 rows, values;
    i64 sum;
    struct key_text low;
    struct kept_rows top;
};

/* ---- rows ---- */

static int falling(const void *by, const void *row, const struct region *region) {
    i64 a = *(const i64 *)by, b = ((const struct kept_row *)row)->value;
    return (b > a) - (b < a);
}
static bool same(const void *row, const void *other, const struct region *region) {
    return ((const struct kept_row *)row)->value == ((const struct kept_row *)other)->value;
}
static void row_drop(void *row, struct region *region) {
    key_text_drop(&((struct kept_row *)row)->text, region);
}
static bool row_adopt(void *row, const u8 *image, u64 bytes, struct region *region) {
    return key_text_adopt(&((struct kept_row *)row)->text, image, bytes, region);
}
static const struct kept_ops top_ops = { .row_size = sizeof(struct kept_row),
                                         .most = MOST,
                                         .ties = true,
                                         .order = falling,
                                         .same = same,
                                         .drop = row_drop,
                                         .adopt = row_adopt };

static void put(struct kept_rows *top, i64 value, struct str text, u64 arrival,
                struct region *region) {
    if (!kept_wants(top, &top_ops, &value, arrival, region)) return;
    struct kept_row *row = kept_put(top, &top_ops, &value, arrival, region);
    row->value = value;
    row->text = key_text_of(text, region);
}

/* ---- accumulators ---- */

static struct str text_of(i64 value, char room[64]) {
    int size = snprintf(room, 64, value % 3 ? "%07lld" : "%07lld is a longer text",
                        (long long)(value + SHIFT));
    return (struct str){ room, (u64)size };
}

static i64 value_of(struct str text) {
    char copy[8] = "";
    memcpy(copy, text.at, 7);
    return strtoll(copy, NULL, 10) - SHIFT;
}

static bool less(struct str a, struct str b) {
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
    return order ? order < 0 : a.size < b.size;
}

static void lower(struct kept_acc *a, struct str text, struct region *region) {
    if (!a->values || less(text, key_text_str(&a->low, region)))
        key_text_become(&a->low, text, region);
}

static void kept_add(struct kept_acc *a, const struct row *row, u64 arrival,
                     struct region *region) {
    char room[64];
    a->rows++;
    if (row->null) return;
    struct str text = text_of(row->value, room);
    lower(a, text, region);
    put(&a->top, row->value, text, arrival, region);
    a->values++;
    a->sum = (i64)((u64)a->sum + (u64)row->value);
}

static void kept_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct kept_acc *a = into;
    const struct kept_acc *b = from;
    a->rows += b->rows;
    if (!b->values) return;
    lower(a, key_text_str(&b->low, region), region);
    for (u32 i = 0; i < b->top.count; i++) {
        const struct kept_row *row = kept_row(&b->top, &top_ops, i, region);
        put(&a->top, row->value, key_text_str(&row->text, region), row->arrival, region);
    }
    a->values += b->values;
    a->sum = (i64)((u64)a->sum + (u64)b->sum);
}

static void kept_acc_drop(void *acc, struct region *region) {
    struct kept_acc *a = acc;
    key_text_drop(&a->low, region);
    kept_drop(&a->top, &top_ops, region);
}

static bool kept_acc_adopt(void *acc, const u8 *image, u64 bytes, struct region *region) {
    struct kept_acc *a = acc;
    return key_text_adopt(&a->low, image, bytes, region) &&
           kept_adopt(&a->top, &top_ops, image, bytes, region);
}

/* ---- panes ---- */

/* Those that are kept are in order, and as they came in. False: state was damaged. */
static bool in_order(const struct kept_acc *a, const struct region *region) {
    if (a->top.count < (a->values < MOST ? a->values : MOST)) return false;
    for (u32 i = 0; i < a->top.count; i++) {
        const struct kept_row *row = kept_row(&a->top, &top_ops, i, region), *before = row - 1;
        if (value_of(key_text_str(&row->text, region)) != row->value) return false;
        if (i && before->value < row->value) return false;
        if (i && before->value == row->value && before->arrival > row->arrival) return false;
    }
    return true;
}

static void kept_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    const struct kept_acc *a = acc;
    struct shown s = {
        .key = (u32) * (const u64 *)key, .rows = a->rows, .values = a->values, .sum = a->sum
    };
    if (a->values && in_order(a, p->strings)) {
        const struct kept_row *first = kept_row(&a->top, &top_ops, 0, p->strings);
        s.low = value_of(key_text_str(&a->low, p->strings));
        s.high = first->value;
    }
    window_show(c, s, p);
}

static const struct state_field fields[] = {
    { "key", NULL, STATE_KEY, { TYPE_U64 }, 0, 8, -1 },
    { "count(value)", NULL, STATE_COUNT, { TYPE_I64, .nullable = true }, 8, 8, -1 },
    { "sum(value)", NULL, STATE_SUM, { TYPE_I64, .nullable = true }, 16, 8, -1 },
    { "min(text)", NULL, STATE_MIN, { TYPE_STRING, .nullable = true }, 24, 16, -1 },
    { "top", NULL, STATE_ROWS, { TYPE_NONE }, 40, 8, -1 },
};
static const struct state_schema schema = { fields, 5, 64, 8, sizeof(struct kept_acc) };
static void kept_pass(struct chain *c, struct pass *p);
const struct window_ops kept_window_ops = { .keyed = { 64, 8, number_equal, number_hash,
                                                       number_keep, NULL },
                                            .acc_size = sizeof(struct kept_acc),
                                            .merge = kept_merge,
                                            .drop = kept_acc_drop,
                                            .adopt = kept_acc_adopt,
                                            .emit = kept_emit,
                                            .pass = kept_pass,
                                            .schema = &schema };
static void kept_pass(struct chain *c, struct pass *p) {
    window_pass(c, &kept_window_ops, p);
}

bool kept_stage_row(struct window *w, struct chain *c, const struct row *row, bool ready) {
    u64 key = row->key, hash = hash_u64(key, c->hash_key), arrival = keyed_arrival(&w->keyed, hash);
    struct region *region = &w->keyed.region;
    const struct window_ops *ops = &kept_window_ops;
    if (!window_elsewhere(w, row->time)) {
        if (ready) window_ready(w, ops);
        kept_add(ready ? window_slot_ready(w, ops, &key, hash) : window_slot(w, ops, &key, hash),
                 row, arrival, region);
        return true;
    }
    struct kept_acc delta = { 0 };
    kept_add(&delta, row, arrival, region);
    bool took = window_add(c, w, ops, &key, hash, row->time, &delta);
    kept_acc_drop(&delta, region);
    return took;
}

void kept_delta(const struct row *row, u64 arrival, struct region *region, void *acc) {
    kept_add(acc, row, arrival, region);
}
