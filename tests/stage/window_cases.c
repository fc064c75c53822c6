#include "tests/stage/window_cases.h"
#include "tests/support/number_key.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void shown_add(struct shown_list *l, struct shown s) {
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 64;
        l->at = realloc(l->at, l->room * sizeof *l->at);
        assert(l->at);
    }
    l->at[l->count++] = s;
}

/* ---- the reference ---- */

/* What rows add up to. */
struct totals {
    u64 rows, values;
    i64 sum, low, high;
};

struct pane_state {
    u32 key, panes;
    __int128 start, end;
    bool was_on_time;
    struct totals all, unsent;
    struct shown standing; /* the last pane, if there was one */
};

struct reference {
    struct window_spec spec;
    enum kind kind;
    i64 w, clock;
    struct pane_state *at;
    u32 count, room;
};

struct reference *reference_new(const struct window_spec *spec, enum kind kind) {
    struct reference *r = calloc(1, sizeof *r);
    assert(r);
    r->spec = *spec;
    r->kind = kind;
    r->w = r->clock = TIME_NEVER;
    return r;
}

void reference_free(struct reference *r) {
    free(r->at);
    free(r);
}

static bool reached(i64 w, __int128 t) {
    return w == TIME_FOREVER || (w != TIME_NEVER && w >= t);
}

static i64 clamp(__int128 t) {
    return t < INT64_MIN ? INT64_MIN : t > INT64_MAX ? INT64_MAX : (i64)t;
}

static void fire(struct reference *r, struct pane_state *p, u8 timing, u32 position,
                 struct shown_list *out) {
    const struct totals *t = r->spec.mode == WINDOW_DISCARDING ? &p->unsent : &p->all;
    if (!t->rows) return;
    bool again = r->spec.mode == WINDOW_RETRACTING && p->panes;
    struct shown now = { .key = p->key,
                         .start = clamp(p->start),
                         .end = clamp(p->end),
                         .number = p->panes++,
                         .timing = timing,
                         .op = again ? PANE_UPDATE_AFTER : PANE_INSERT,
                         .caused = position != POSITION_DUE,
                         .position = position,
                         .rows = t->rows,
                         .values = t->values,
                         .sum = t->sum,
                         .low = t->low,
                         .high = t->high };
    if (again) {
        struct shown before = p->standing;
        before.op = PANE_UPDATE_BEFORE;
        before.caused = now.caused;
        before.position = position;
        shown_add(out, before);
    }
    shown_add(out, now);
    p->standing = now;
    p->unsent = (struct totals){ 0 };
}

static void count_row_in(const struct reference *r, struct totals *t, const struct row *row) {
    t->rows++;
    if (r->kind == KIND_COUNT || row->null) return;
    t->sum = (i64)((u64)t->sum + (u64)row->value);
    if (r->kind >= KIND_ALL) {
        if (!t->values || row->value < t->low) t->low = row->value;
        if (!t->values || row->value > t->high) t->high = row->value;
    }
    t->values++;
}

static bool into_window(struct reference *r, const struct row *row, __int128 start, __int128 end,
                        u32 position, struct shown_list *out) {
    if (reached(r->w, end + r->spec.lateness_ns)) return false;
    struct pane_state *p = NULL;
    for (u32 i = 0; i < r->count; i++)
        if (r->at[i].key == row->key && r->at[i].start == start) p = &r->at[i];
    if (!p) {
        if (r->count == r->room) {
            r->room = r->room ? r->room * 2 : 64;
            r->at = realloc(r->at, r->room * sizeof *r->at);
            assert(r->at);
        }
        p = &r->at[r->count++];
        *p = (struct pane_state){
            .key = row->key, .start = start, .end = end, .was_on_time = reached(r->w, end)
        };
    }
    count_row_in(r, &p->all, row);
    count_row_in(r, &p->unsent, row);
    bool late = reached(r->w, end);
    const struct triggers *t = late ? &r->spec.late : &r->spec.early;
    u64 every = t->rows;
    if (late && !t->rows && !t->time_ns[0] && !t->wall_ns[0]) every = 1;
    if (every && p->unsent.rows >= every)
        fire(r, p, late ? WINDOW_LATE : WINDOW_EARLY, position, out);
    return true;
}

bool reference_row(struct reference *r, const struct row *row, u32 position,
                   struct shown_list *out) {
    const struct window_spec *s = &r->spec;
    if (s->shape == SHAPE_GLOBAL)
        return into_window(r, row, TIME_NEVER, TIME_FOREVER, position, out);
    __int128 x = (__int128)row->time - s->offset_ns, last = x / s->slide_ns - (x % s->slide_ns < 0);
    last = last * s->slide_ns + s->offset_ns;
    __int128 start = last;
    while (start - s->slide_ns + s->size_ns > row->time) start -= s->slide_ns;
    bool took = false;
    for (; start <= last; start += s->slide_ns)
        took |= into_window(r, row, start, start + s->size_ns, position, out);
    return took;
}

/* Multiples of the periods passed from `before` to `now`: the first of them. */
static bool passes(const i64 *periods, i64 before, i64 now, __int128 *first) {
    bool any = false;
    for (u32 i = 0; i < SPEC_PERIODS && periods[i] && before != TIME_NEVER; i++) {
        __int128 period = periods[i], k = before / period;
        while (k * period < before) k++;
        while ((k - 1) * period >= before) k--;
        if (k * period >= now && now != TIME_FOREVER) continue;
        if (!any || k * period < *first) *first = k * period;
        any = true;
    }
    return any;
}

struct due_pane {
    __int128 at, start;
    u32 key, state;
    u8 timing;
};

static int by_due(const void *left, const void *right) {
    const struct due_pane *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

/* The pane of a window as W rises from `before`. */
static bool comes_due(const struct reference *r, const struct pane_state *p, i64 before,
                      struct due_pane *d) {
    const struct window_spec *s = &r->spec;
    if (!p->was_on_time && reached(r->w, p->end)) {
        d->at = p->end - 1;
        d->timing = WINDOW_ON_TIME;
        return true;
    }
    d->timing = p->was_on_time ? WINDOW_LATE : WINDOW_EARLY;
    const i64 *periods = p->was_on_time ? s->late.time_ns : s->early.time_ns;
    bool comes = passes(periods, before, r->w, &d->at);
    __int128 last = p->end + s->lateness_ns - 1;
    if (p->was_on_time && reached(r->w, last + 1)) {
        if (!comes || d->at > last) d->at = last;
        comes = true;
    }
    return comes && p->unsent.rows;
}

void reference_watermark(struct reference *r, i64 w, struct shown_list *out) {
    if (w <= r->w) return;
    i64 before = r->w;
    r->w = w;
    struct due_pane *due = calloc(r->count + 1, sizeof *due);
    u32 dues = 0, left = 0;
    for (u32 i = 0; i < r->count; i++) {
        struct due_pane d = { .key = r->at[i].key, .start = r->at[i].start, .state = i };
        if (comes_due(r, &r->at[i], before, &d)) due[dues++] = d;
    }
    qsort(due, dues, sizeof *due, by_due);
    for (u32 i = 0; i < dues; i++) {
        struct pane_state *p = &r->at[due[i].state];
        u32 from = out->count, moment = i;
        while (moment && due[moment - 1].at == due[i].at && due[moment - 1].start == due[i].start)
            moment--;
        if (due[i].timing == WINDOW_ON_TIME) p->was_on_time = true;
        fire(r, p, due[i].timing, POSITION_DUE, out);
        for (; from < out->count; from++) out->at[from].moment = moment;
    }
    free(due);
    for (u32 i = 0; i < r->count; i++)
        if (!reached(w, r->at[i].end + r->spec.lateness_ns)) r->at[left++] = r->at[i];
    r->count = left;
}

static int by_start(const void *left, const void *right) {
    const struct pane_state *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

void reference_clock(struct reference *r, i64 clock, struct shown_list *out) {
    __int128 at = 0;
    if (clock <= r->clock) return;
    bool early = passes(r->spec.early.wall_ns, r->clock, clock, &at);
    bool late = passes(r->spec.late.wall_ns, r->clock, clock, &at);
    r->clock = clock;
    qsort(r->at, r->count, sizeof *r->at, by_start);
    for (u32 i = 0; i < r->count; i++) {
        struct pane_state *p = &r->at[i];
        u32 from = out->count, moment = i;
        while (moment && r->at[moment - 1].start == p->start) moment--;
        if ((p->was_on_time ? late : early) && p->unsent.rows)
            fire(r, p, p->was_on_time ? WINDOW_LATE : WINDOW_EARLY, POSITION_DUE, out);
        for (; from < out->count; from++) out->at[from].moment = moment;
    }
}

u64 reference_open_rows(const struct reference *r) {
    u64 rows = 0; /* for windows that do not overlap */
    for (u32 i = 0; i < r->count; i++)
        rows += reached(r->w, r->at[i].end)         ? 0
                : r->spec.mode == WINDOW_DISCARDING ? r->at[i].unsent.rows
                                                    : r->at[i].all.rows;
    return rows;
}

u32 reference_windows(const struct reference *r) {
    return r->count;
}

/* ---- stages, as generated ---- */

void window_show(struct chain *c, struct shown s, const struct pane *p) {
    s.start = p->start;
    s.end = p->end;
    assert(p->event_time >= p->end - 1);
    s.number = p->number;
    s.timing = p->timing;
    s.op = p->op;
    s.caused = p->caused;
    s.shard = p->shard;
    s.position = p->position;
    shown_add(c->engine, s);
}

/* KIND_COUNT: a u64 key and its rows */
struct count_slot {
    u64 key, rows;
};
static void count_merge(struct chain *c, struct region *region, void *into, const void *from) {
    *(u64 *)into += *(const u64 *)from;
}
static void count_subtract(void *from, const void *gone) {
    *(u64 *)from -= *(const u64 *)gone;
}
static void count_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    window_show(c, (struct shown){ .key = (u32) * (const u64 *)key, .rows = *(const u64 *)acc }, p);
}
static const struct state_field key_field = {
    .name = "key", .role = STATE_KEY, .type = { TYPE_U64 }, .size = 8, .null_bit = -1
};
static const struct state_schema count_schema = { &key_field, 1, 16, 8, 8 };
static void count_pass(struct chain *c, struct pass *p);
static const struct window_ops count_ops = { .keyed = { 16, 8, number_equal, number_hash,
                                                        number_keep, NULL },
                                             .acc_size = 8,
                                             .merge = count_merge,
                                             .subtract = count_subtract,
                                             .emit = count_emit,
                                             .pass = count_pass,
                                             .schema = &count_schema };
static void count_pass(struct chain *c, struct pass *p) {
    window_pass(c, &count_ops, p);
}

/* KIND_FLOAT: sums that depend on the order of adding, of no inverse */
struct float_acc {
    u64 rows;
    double sum;
};
static void float_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct float_acc *a = into;
    const struct float_acc *b = from;
    a->rows += b->rows;
    a->sum += b->sum;
}
static void float_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    const struct float_acc *a = acc;
    struct shown s = { .key = (u32) * (const u64 *)key, .rows = a->rows };
    memcpy(&s.sum, &a->sum, 8);
    window_show(c, s, p);
}
static const struct state_field float_fields[] = {
    { "key", NULL, STATE_KEY, { TYPE_U64 }, 0, 8, -1 },
    { "sum(value)", NULL, STATE_FLOAT, { TYPE_F64 }, 8, 8, -1 }
};
static const struct state_schema float_schema = { float_fields, 2, 32, 8, 16 };
static void float_pass(struct chain *c, struct pass *p);
static const struct window_ops float_ops = { .keyed = { 32, 8, number_equal, number_hash,
                                                        number_keep, NULL },
                                             .acc_size = sizeof(struct float_acc),
                                             .merge = float_merge,
                                             .emit = float_emit,
                                             .pass = float_pass,
                                             .schema = &float_schema };
static void float_pass(struct chain *c, struct pass *p) {
    window_pass(c, &float_ops, p);
}

/* KIND_SUM and KIND_ALL: a text key; sum of a nullable value, with or without its extremes */
struct sum_acc {
    u64 rows, values;
    i64 sum;
};
struct all_acc {
    u64 rows, values;
    i64 sum, low, high;
};
static bool text_equal(const void *slot, const void *key, const struct region *r) {
    return key_text_equal(slot, key, r);
}
static u64 text_hash(const void *slot, u64 hash_key, const struct region *r) {
    return key_text_hash(slot, hash_key, r);
}
static void text_keep(void *slot, const void *key, struct region *r) {
    key_text_keep(slot, key, r);
}
static void text_drop(void *slot, struct region *r) {
    key_text_drop(slot, r);
}
static u32 text_number(const void *slot, const struct pane *p) {
    struct str s = key_text_str(slot, p->strings);
    char copy[64] = "";
    assert(s.size < sizeof copy);
    memcpy(copy, s.at, s.size);
    return (u32)strtoul(copy + (copy[0] == 'k'), NULL, 10);
}
static void sum_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct sum_acc *a = into;
    const struct sum_acc *b = from;
    a->rows += b->rows;
    a->values += b->values;
    a->sum = (i64)((u64)a->sum + (u64)b->sum);
}
static void sum_subtract(void *from, const void *gone) {
    struct sum_acc *a = from;
    const struct sum_acc *b = gone;
    a->rows -= b->rows;
    a->values -= b->values;
    a->sum = (i64)((u64)a->sum - (u64)b->sum);
}
static void sum_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    const struct sum_acc *a = acc;
    window_show(
        c,
        (struct shown){
            .key = text_number(key, p), .rows = a->rows, .values = a->values, .sum = a->sum },
        p);
}
static const struct state_field text_fields[] = {
    { "key", NULL, STATE_KEY, { TYPE_STRING }, 0, 16, -1 },
    { "count(value)", NULL, STATE_COUNT, { TYPE_I64, .nullable = true }, 8, 8, -1 },
    { "sum(value)", NULL, STATE_SUM, { TYPE_I64, .nullable = true }, 16, 8, -1 },
    { "min(value)", NULL, STATE_MIN, { TYPE_I64, .nullable = true }, 24, 8, -1 },
    { "max(value)", NULL, STATE_MAX, { TYPE_I64, .nullable = true }, 32, 8, -1 },
};
static const struct state_schema sum_schema = { text_fields, 3, 40, 16, 24 };
static const struct state_schema all_schema = { text_fields, 5, 64, 16, 40 };
static void sum_pass(struct chain *c, struct pass *p);
static const struct window_ops sum_ops = { .keyed = { 40, 16, text_equal, text_hash, text_keep,
                                                      text_drop },
                                           .acc_size = sizeof(struct sum_acc),
                                           .merge = sum_merge,
                                           .subtract = sum_subtract,
                                           .emit = sum_emit,
                                           .pass = sum_pass,
                                           .schema = &sum_schema };
static void sum_pass(struct chain *c, struct pass *p) {
    window_pass(c, &sum_ops, p);
}

static void all_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct all_acc *a = into;
    const struct all_acc *b = from;
    a->rows += b->rows;
    if (!b->values) return;
    a->low = !a->values || b->low < a->low ? b->low : a->low;
    a->high = !a->values || b->high > a->high ? b->high : a->high;
    a->values += b->values;
    a->sum = (i64)((u64)a->sum + (u64)b->sum);
}
static void all_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    const struct all_acc *a = acc;
    window_show(c,
                (struct shown){ text_number(key, p), .rows = a->rows, .values = a->values,
                                .sum = a->sum, .low = a->low, .high = a->high },
                p);
}
static void all_pass(struct chain *c, struct pass *p);
static const struct window_ops all_ops = { .keyed = { 64, 16, text_equal, text_hash, text_keep,
                                                      text_drop },
                                           .acc_size = sizeof(struct all_acc),
                                           .merge = all_merge,
                                           .emit = all_emit,
                                           .pass = all_pass,
                                           .schema = &all_schema };
static void all_pass(struct chain *c, struct pass *p) {
    window_pass(c, &all_ops, p);
}

static const struct window_ops *const ops_of[KINDS + 1] = { &count_ops, &sum_ops, &all_ops,
                                                            &kept_window_ops, &float_ops };

/* ---- running them ---- */

void stage_open(struct stage *s, enum kind kind, const struct window_spec *spec, u32 tasks) {
    *s = (struct stage){ .kind = kind, .tasks = tasks, .chain.hash_key = 77 };
    for (u32 i = 0; i < tasks; i++) {
        u32 first = SHARDS * i / tasks, end = SHARDS * (i + 1) / tasks;
        if (window_open(&s->windows[i], spec, ops_of[kind], first, end - first, s->chain.hash_key,
                        NULL) < 0)
            abort();
    }
}

void stage_close(struct stage *s) {
    for (u32 i = 0; i < s->tasks; i++) window_close(&s->windows[i]);
}

/* As in generated code: the fast way where it is open, else a delta of the one row. */
#define ROW_INTO(ops, acc_type, key, hash, add)                                                    \
    for (u32 i = 0; i < s->tasks; i++) {                                                           \
        struct window *w = &s->windows[i];                                                         \
        if (keyed_shard(hash) - w->keyed.first >= w->keyed.count) continue;                        \
        if (!window_elsewhere(w, row->time)) {                                                     \
            if (s->ready) window_ready(w, ops);                                                    \
            acc_type *a =                                                                          \
                s->ready ? window_slot_ready(w, ops, key, hash) : window_slot(w, ops, key, hash);  \
            add;                                                                                   \
            return true;                                                                           \
        }                                                                                          \
        acc_type delta = { 0 }, *a = &delta;                                                       \
        add;                                                                                       \
        return window_add(&s->chain, w, ops, key, hash, row->time, &delta);                        \
    }

static bool count_row(struct stage *s, const struct row *row) {
    u64 key = row->key, hash = hash_u64(key, s->chain.hash_key);
    ROW_INTO(&count_ops, u64, &key, hash, *a += 1)
    abort();
}

static bool float_row(struct stage *s, const struct row *row) {
    u64 key = row->key, hash = hash_u64(key, s->chain.hash_key);
    ROW_INTO(&float_ops, struct float_acc, &key, hash,
             (a->rows++, a->sum += (double)row->value / 7))
    abort();
}

static void sum_one(struct sum_acc *a, const struct row *row) {
    a->rows++;
    a->values += !row->null;
    a->sum = (i64)((u64)a->sum + (u64)(row->null ? 0 : row->value));
}

static void all_one(struct all_acc *a, const struct row *row) {
    a->rows++;
    if (row->null) return;
    a->low = !a->values || row->value < a->low ? row->value : a->low;
    a->high = !a->values || row->value > a->high ? row->value : a->high;
    a->values++;
    a->sum = (i64)((u64)a->sum + (u64)row->value);
}

const struct window_ops *kind_ops(enum kind kind) {
    return ops_of[kind];
}

u64 kind_key(enum kind kind, u32 number, u64 hash_key, struct kind_key *room, const void **key) {
    room->number = number;
    *key = &room->number;
    if (kind == KIND_COUNT || kind >= KIND_KEPT) return hash_u64(room->number, hash_key);
    /* every third key is longer than what stands in a slot */
    int size =
        snprintf(room->text, sizeof room->text, number % 3 ? "k%u" : "k%u is a longer key", number);
    room->probe = key_probe((struct str){ room->text, (u64)size }, hash_key);
    *key = &room->probe;
    return room->probe.hash;
}

void kind_delta(enum kind kind, const struct row *row, struct keyed *keyed, u64 hash, u64 acc[8]) {
    memset(acc, 0, 8 * sizeof *acc);
    if (kind == KIND_COUNT) acc[0] = 1;
    if (kind == KIND_SUM) sum_one((struct sum_acc *)acc, row);
    if (kind == KIND_ALL) all_one((struct all_acc *)acc, row);
    if (kind == KIND_KEPT) kept_delta(row, keyed_arrival(keyed, hash), &keyed->region, acc);
    if (kind == KIND_FLOAT)
        *(struct float_acc *)acc = (struct float_acc){ 1, (double)row->value / 7 };
}

static bool text_row(struct stage *s, const struct row *row) {
    struct kind_key room;
    const void *key;
    u64 hash = kind_key(s->kind, row->key, s->chain.hash_key, &room, &key);
    if (s->kind == KIND_SUM) {
        ROW_INTO(&sum_ops, struct sum_acc, key, hash, sum_one(a, row))
    } else {
        ROW_INTO(&all_ops, struct all_acc, key, hash, all_one(a, row))
    }
    abort();
}

static bool kept_row_into(struct stage *s, const struct row *row) {
    u64 hash = hash_u64(row->key, s->chain.hash_key);
    for (u32 i = 0; i < s->tasks; i++)
        if (keyed_shard(hash) - s->windows[i].keyed.first < s->windows[i].keyed.count)
            return kept_stage_row(&s->windows[i], &s->chain, row, s->ready);
    abort();
}

bool stage_row(struct stage *s, const struct row *row, u32 position, struct shown_list *out) {
    s->chain.engine = out;
    s->chain.position = position;
    if (s->kind == KIND_FLOAT) return float_row(s, row);
    if (s->kind == KIND_KEPT) return kept_row_into(s, row);
    return s->kind == KIND_COUNT ? count_row(s, row) : text_row(s, row);
}

int stage_restore(struct stage *s, struct unpack *from, const struct image *image) {
    for (u32 i = 0; i < s->tasks; i++) {
        struct unpack again = *from;
        if (window_restore(&s->windows[i], ops_of[s->kind], &again, image) < 0) return -1;
        if (!unpack_is_done(&again)) return -1;
    }
    return 0;
}

void stage_watermark(struct stage *s, i64 w, struct shown_list *out) {
    s->chain.engine = out;
    for (u32 i = 0; i < s->tasks; i++) window_watermark(&s->chain, &s->windows[i], w);
}

void stage_clock(struct stage *s, i64 clock, struct shown_list *out) {
    s->chain.engine = out;
    for (u32 i = 0; i < s->tasks; i++) window_clock(&s->chain, &s->windows[i], clock);
}

u64 stage_open_rows(const struct stage *s) {
    u64 rows = 0;
    for (u32 i = 0; i < s->tasks; i++) rows += window_open_rows(&s->windows[i]);
    return rows;
}

u64 stage_keys(const struct stage *s) {
    u64 keys = 0;
    for (u32 i = 0; i < s->tasks; i++) keys += window_keys(&s->windows[i]);
    return keys;
}

u64 stage_bytes(const struct stage *s) {
    u64 bytes = 0;
    for (u32 i = 0; i < s->tasks; i++) bytes += window_bytes(&s->windows[i]);
    return bytes;
}
