#include "runtime/stage/schema.h"
#include "runtime/base/error.h"
#include "runtime/base/prng.h"
#include "runtime/snapshot/store.h"
#include "runtime/stage/window.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- comparing ---- */

static const struct window_spec minutes = { .size_ns = 60, .slide_ns = 60, .lateness_ns = 10 };

/* Fields one after the other, as a compiler might place them. */
static struct state_schema schema_of(struct state_field *fields, u32 count) {
    static const u32 sizes[] = { 8, 8, 8, 16, 8, 0, 0 };
    struct state_schema s = { fields, count, .window = &minutes };
    u32 key_at = 0, acc_at = 8, bits = 0;
    for (u32 i = 0; i < count; i++) {
        struct state_field *f = &fields[i];
        bool key = f->role == STATE_KEY;
        u32 *at = key ? &key_at : &acc_at;
        f->size = sizes[f->role] && !key ? sizes[f->role] : type_size(f->type);
        f->at = *at = (*at + f->size - 1) / f->size * f->size;
        f->null_bit = key && f->type.nullable ? (i32)bits++ : -1;
        *at += f->size;
    }
    s.nulls_at = key_at;
    s.nulls_size = bits ? 1 : 0;
    s.acc_at = (key_at + s.nulls_size + 7) & ~7u;
    s.acc_size = (acc_at + 7) & ~7u;
    s.slot_size = (s.acc_at + s.acc_size + 15) & ~15u;
    return s;
}

#define KEY(name, kind)                                                                            \
    {                                                                                              \
        name, NULL, STATE_KEY, {                                                                   \
            kind                                                                                   \
        }                                                                                          \
    }
#define KEY_NULL(name, kind)                                                                       \
    {                                                                                              \
        name, NULL, STATE_KEY, {                                                                   \
            kind, true                                                                             \
        }                                                                                          \
    }
#define ACC(name, role, kind)                                                                      \
    {                                                                                              \
        name, NULL, STATE_##role, {                                                                \
            kind                                                                                   \
        }                                                                                          \
    }
#define ACC_NULL(name, role, kind)                                                                 \
    {                                                                                              \
        name, NULL, STATE_##role, {                                                                \
            kind, true                                                                             \
        }                                                                                          \
    }
#define FIELDS 4

static const struct {
    struct state_field old[FIELDS], now[FIELDS];
    enum schema_fit fit;
    const char *why;
} pairs[] = {
    { { KEY("user", TYPE_STRING) }, { KEY("user", TYPE_STRING) }, SCHEMA_KEEP, "" },
    { { KEY("user", TYPE_I32) },
      { KEY("user", TYPE_I64) },
      SCHEMA_MIGRATE,
      "key user: i32 becomes i64\n" },
    { { KEY("user", TYPE_I64) },
      { KEY("user", TYPE_I32) },
      SCHEMA_REFUSE,
      "key user: i64 becomes i32, which does not fit\n" },
    { { KEY("user", TYPE_U32) },
      { KEY("user", TYPE_I64) },
      SCHEMA_MIGRATE,
      "key user: u32 becomes i64\n" },
    { { KEY("user", TYPE_I32) },
      { KEY("user", TYPE_U64) },
      SCHEMA_REFUSE,
      "key user: i32 becomes u64, which does not fit\n" },
    { { KEY("user", TYPE_I64) },
      { KEY("user", TYPE_TIMESTAMP) },
      SCHEMA_REFUSE,
      "key user: i64 becomes timestamp, which does not fit\n" },
    { { KEY("user", TYPE_I64) },
      { KEY_NULL("user", TYPE_I64) },
      SCHEMA_MIGRATE,
      "key user: i64 becomes i64?\n" },
    { { KEY_NULL("user", TYPE_I64) },
      { KEY("user", TYPE_I64) },
      SCHEMA_REFUSE,
      "key user: i64? becomes i64, which does not fit\n" },
    { { KEY("a", TYPE_I64) },
      { KEY("b", TYPE_I64) },
      SCHEMA_REFUSE,
      "key b: i64 is a new key\nkey a: i64 is gone\n" },
    { { KEY("a", TYPE_I64) }, { { "b", "a", STATE_KEY, { TYPE_I64 } } }, SCHEMA_KEEP, "" },
    { { KEY("a", TYPE_I64), KEY("b", TYPE_I64) },
      { KEY("b", TYPE_I64), KEY("a", TYPE_I64) },
      SCHEMA_MIGRATE,
      "" },
    { { ACC("sum(x)", SUM, TYPE_I32) },
      { ACC("sum(x)", WIDE, TYPE_I64) },
      SCHEMA_MIGRATE,
      "sum(x): i32 becomes i64\n" },
    { { ACC("sum(x)", SUM, TYPE_I64) },
      { ACC("sum(x)", WIDE, TYPE_I64) },
      SCHEMA_REFUSE,
      "sum(x): i64 becomes i64, which does not fit\n" },
    { { ACC("min(x)", MIN, TYPE_I16) },
      { ACC("min(x)", MIN, TYPE_I32) },
      SCHEMA_MIGRATE,
      "min(x): i16 becomes i32\n" },
    { { ACC("min(x)", MIN, TYPE_I32), ACC("max(x)", MAX, TYPE_I32) },
      { ACC("max(x)", MAX, TYPE_I32), ACC("min(x)", MIN, TYPE_I32) },
      SCHEMA_MIGRATE,
      "" },
    { { ACC("min(x)", MIN, TYPE_I32) },
      { ACC_NULL("min(x)", MIN, TYPE_I32) },
      SCHEMA_REFUSE,
      "min(x): i32 becomes i32?, which does not fit\n" },
    { { ACC("min(x)", MIN, TYPE_I32) },
      { ACC("min(x)", MIN, TYPE_I32), ACC_NULL("count(y)", COUNT, TYPE_I64),
        ACC_NULL("sum(y)", SUM, TYPE_I64) },
      SCHEMA_MIGRATE,
      "count(y): i64? is new: of rows from now on\nsum(y): i64? is new: of rows from now on\n" },
    { { ACC("min(x)", MIN, TYPE_I32) },
      { ACC("min(x)", MIN, TYPE_I32), ACC("sum(y)", SUM, TYPE_I64) },
      SCHEMA_REFUSE,
      "sum(y): i64 is new: nobody kept it\n" },
    { { ACC("min(x)", MIN, TYPE_I32), ACC("sum(y)", SUM, TYPE_I64) },
      { ACC("sum(y)", SUM, TYPE_I64) },
      SCHEMA_MIGRATE,
      "min(x): i32 is gone\n" },
};

static u32 filled(const struct state_field *fields) {
    u32 count = 0;
    while (count < FIELDS && fields[count].name) count++;
    return count;
}

static void pairs_of_schemas_fit_or_tell_why_not(void) {
    for (u32 i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct state_field a[FIELDS], b[FIELDS];
        memcpy(a, pairs[i].old, sizeof a);
        memcpy(b, pairs[i].now, sizeof b);
        struct state_schema old = schema_of(a, filled(a)), now = schema_of(b, filled(b));
        struct text_buf why;
        text_buf_init(&why);
        CHECK_EQ(schema_compare(&old, &now, &why), pairs[i].fit);
        CHECK_STR(why.size ? why.at : "", pairs[i].why);
        CHECK_EQ(schema_compare(&old, &now, NULL), pairs[i].fit);
        text_buf_fini(&why);
    }
}

static void enums_may_get_members_at_their_end(void) {
    static const char *const names[] = { "red", "green", "blue" }, *const other[] = { "red", "b" };
    struct type_enum two = { "color", names, 2 }, three = { "color", names, 3 },
                     odd = { "color", other, 2 };
    struct state_field a = { "c", NULL, STATE_KEY, { TYPE_ENUM, false, &two } }, b = a, c = a;
    b.type.of = &three;
    c.type.of = &odd;
    struct state_schema x = schema_of(&a, 1), y = schema_of(&b, 1), z = schema_of(&c, 1);
    CHECK_EQ(schema_compare(&x, &x, NULL), SCHEMA_KEEP);
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_MIGRATE);
    CHECK_EQ(schema_compare(&y, &x, NULL), SCHEMA_REFUSE);
    CHECK_EQ(schema_compare(&x, &z, NULL), SCHEMA_REFUSE);
}

static void another_window_is_refused_and_less_lateness_is_not(void) {
    struct state_field a = KEY("a", TYPE_I64);
    struct state_schema x = schema_of(&a, 1), y = x;
    struct window_spec w = minutes;
    y.window = &w;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_KEEP);
    w.lateness_ns = 5;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_KEEP);
    w.lateness_ns = 15;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_REFUSE);
    w = minutes;
    w.slide_ns = 30;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_REFUSE);
    y.window = NULL;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_REFUSE);
}

static void other_triggers_are_taken_over_and_another_mode_is_not(void) {
    struct state_field a = KEY("a", TYPE_I64);
    struct state_schema x = schema_of(&a, 1), y = x;
    struct window_spec w = minutes, v = minutes;
    y.window = &w;
    w.late.rows = 1; /* as if nothing were said */
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_KEEP);
    w.late.rows = 2;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_REFUSE);
    x.window = &v;
    v.early.time_ns[0] = 7;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_KEEP);
    w.mode = WINDOW_RETRACTING;
    CHECK_EQ(schema_compare(&x, &y, NULL), SCHEMA_REFUSE);
    CHECK_EQ(schema_compare(&y, &x, NULL), SCHEMA_REFUSE);
}

static void a_schema_comes_back_from_its_bytes_and_no_damaged_one_does_harm(void) {
    static const char *const names[] = { "red", "green" };
    struct type_enum of = { "color", names, 2 };
    struct state_field f[] = { KEY("user", TYPE_STRING),
                               { "c", NULL, STATE_KEY, { TYPE_ENUM, true, &of } },
                               ACC_NULL("sum(x)", WIDE, TYPE_I64),
                               ACC("min(x)", MIN, TYPE_I16) };
    struct state_schema s = schema_of(f, 4);
    struct window_spec spec = { .size_ns = 60,
                                .slide_ns = 60,
                                .lateness_ns = 10,
                                .early = { { 5, 7 }, { 9 }, 3 },
                                .late.rows = 1,
                                .mode = WINDOW_RETRACTING };
    s.window = &spec;
    struct pack pack;
    struct arena arena;
    pack_init(&pack);
    arena_init(&arena);
    schema_pack(&s, &pack);
    struct unpack u = unpack_of(pack.at, pack.size);
    struct state_schema *back = schema_unpack(&u, &arena);
    CHECK(back && unpack_is_done(&u));
    if (back) CHECK_EQ(schema_compare(&s, back, NULL), SCHEMA_KEEP);
    struct text_buf text;
    text_buf_init(&text);
    schema_print(back, &text);
    CHECK_STR(text.at, "window: 60ns lateness 10ns early every 5ns early every 7ns early every 9ns "
                       "wall early every 3 rows late every row retracting\nkey user: string\n"
                       "key c: color?\nsum(x): i64?\nmin(x): i16\n");
    text_buf_fini(&text);
    for (u64 size = 0; size < pack.size; size++) {
        u = unpack_of(pack.at, size);
        CHECK(!schema_unpack(&u, &arena));
    }
    for (u64 bit = 0; bit < pack.size * 8; bit++) {
        pack.at[bit / 8] ^= (u8)(1 << bit % 8);
        u = unpack_of(pack.at, pack.size);
        back = schema_unpack(&u, &arena);
        if (back) schema_compare(back, &s, NULL);
        pack.at[bit / 8] ^= (u8)(1 << bit % 8);
    }
    arena_fini(&arena);
    pack_fini(&pack);
}

/* ---- state that migrates: before and after a job has changed ---- */

struct old_slot {
    struct key_text name;
    i32 id;
};
struct old_acc {
    u64 rows;
    i64 sum;
    i16 low;
};
struct new_slot {
    struct key_text name;
    i64 id;
    u8 nulls;
};
struct new_acc {
    u64 rows;
    i64 low, sum;
    __int128 wide;
} __attribute__((packed, aligned(8)));

struct probe {
    struct key_probe name;
    i64 id;
};

static u64 hash_of(u64 name, i64 id, u64 nulls, u64 hash_key) {
    return hash_fold(hash_fold(name ^ HASH_A, (u64)id ^ hash_key) ^ nulls, HASH_B);
}

static bool old_equal(const void *slot, const void *key, const struct region *r) {
    const struct old_slot *s = slot;
    const struct probe *p = key;
    return key_text_equal(&s->name, &p->name, r) && s->id == p->id;
}
static u64 old_hash(const void *slot, u64 hash_key, const struct region *r) {
    const struct old_slot *s = slot;
    return hash_of(key_text_hash(&s->name, hash_key, r), s->id, 1, hash_key);
}
static void old_keep(void *slot, const void *key, struct region *r) {
    struct old_slot *s = slot;
    const struct probe *p = key;
    key_text_keep(&s->name, &p->name, r);
    s->id = (i32)p->id;
}
static void name_drop(void *slot, struct region *r) {
    key_text_drop(slot, r);
}
static bool new_equal(const void *slot, const void *key, const struct region *r) {
    const struct new_slot *s = slot;
    const struct probe *p = key;
    return key_text_equal(&s->name, &p->name, r) && s->id == p->id && !s->nulls;
}
static u64 new_hash(const void *slot, u64 hash_key, const struct region *r) {
    const struct new_slot *s = slot;
    return hash_of(key_text_hash(&s->name, hash_key, r), s->id, s->nulls, hash_key);
}
static void new_keep(void *slot, const void *key, struct region *r) {
    struct new_slot *s = slot;
    const struct probe *p = key;
    key_text_keep(&s->name, &p->name, r);
    s->id = p->id;
    s->nulls = 0;
}

static void old_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct old_acc *a = into;
    const struct old_acc *b = from;
    if ((b->rows & ~KEYED_USED) && (!(a->rows & ~KEYED_USED) || b->low < a->low)) a->low = b->low;
    a->rows += b->rows;
    a->sum += b->sum;
}
static void new_merge(struct chain *c, struct region *region, void *into, const void *from) {
    struct new_acc *a = into;
    const struct new_acc *b = from;
    if ((b->rows & ~KEYED_USED) && (!(a->rows & ~KEYED_USED) || b->low < a->low)) a->low = b->low;
    a->rows += b->rows;
    a->wide += b->wide;
}

static void show(struct chain *c, struct str name, i64 id, u64 rows, i64 sum, i64 low,
                 const struct pane *p) {
    text_buf_printf(c->engine, "%.*s %lld %lld %u: %llu %lld %lld\n", (int)name.size, name.at,
                    (long long)id, (long long)p->start, p->number, (unsigned long long)rows,
                    (long long)sum, (long long)low);
}
static void old_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    const struct old_slot *s = key;
    const struct old_acc *a = acc;
    show(c, key_text_str(&s->name, p->strings), s->id, a->rows, a->sum, a->low, p);
}
static void new_emit(struct chain *c, const void *key, const void *acc, const struct pane *p) {
    const struct new_slot *s = key;
    const struct new_acc *a = acc;
    show(c, key_text_str(&s->name, p->strings), s->id, a->rows, (i64)a->wide, a->low, p);
}

static const struct window_spec spec = { .size_ns = 50, .slide_ns = 50, .lateness_ns = 60 };
static const struct state_field old_fields[] = {
    { "name", NULL, STATE_KEY, { TYPE_STRING }, 0, 16, -1 },
    { "id", NULL, STATE_KEY, { TYPE_I32 }, 16, 4, -1 },
    { "sum(v)", NULL, STATE_SUM, { TYPE_I16 }, 8, 8, -1 },
    { "min(v)", NULL, STATE_MIN, { TYPE_I16 }, 16, 2, -1 },
};
static const struct state_field new_fields[] = {
    { "customer", "name", STATE_KEY, { TYPE_STRING }, 0, 16, -1 },
    { "id", NULL, STATE_KEY, { TYPE_I64, .nullable = true }, 16, 8, 0 },
    { "min(v)", NULL, STATE_MIN, { TYPE_I64 }, 8, 8, -1 },
    { "sum(extra)", NULL, STATE_SUM, { TYPE_I64, .nullable = true }, 16, 8, -1 },
    { "sum(v)", NULL, STATE_WIDE, { TYPE_I64 }, 24, 16, -1 },
};
static const struct state_schema old_schema = { old_fields, 4, 48, 24, 24, .window = &spec };
static const struct state_schema new_schema = { new_fields, 5, 80, 32, 40, 24, 1, &spec };

static void old_pass(struct chain *c, struct pass *p);
static void new_pass(struct chain *c, struct pass *p);
static const struct window_ops old_ops = { .keyed = { 48, 24, old_equal, old_hash, old_keep,
                                                      name_drop },
                                           .acc_size = sizeof(struct old_acc),
                                           .merge = old_merge,
                                           .emit = old_emit,
                                           .pass = old_pass,
                                           .schema = &old_schema };
static const struct window_ops new_ops = { .keyed = { 80, 32, new_equal, new_hash, new_keep,
                                                      name_drop },
                                           .acc_size = sizeof(struct new_acc),
                                           .merge = new_merge,
                                           .emit = new_emit,
                                           .pass = new_pass,
                                           .schema = &new_schema };
static void old_pass(struct chain *c, struct pass *p) {
    window_pass(c, &old_ops, p);
}
static void new_pass(struct chain *c, struct pass *p) {
    window_pass(c, &new_ops, p);
}

/* A row into whichever of the tasks has its shard. */
static void add_row(struct chain *c, struct window *ws, u32 tasks, bool is_new, u32 n) {
    char text[64];
    struct prng p;
    prng_init(&p, n);
    u32 key = (u32)prng_below(&p, 40);
    int size = snprintf(text, sizeof text, key % 3 ? "k%u" : "k%u with a longer name", key);
    struct probe probe = { key_probe((struct str){ text, (u64)size }, 9), (i64)(key % 5) - 2 };
    i64 v = (i64)prng_below(&p, 60000) - 30000, t = (i64)n - (i64)prng_below(&p, 90);
    u64 hash = hash_of(probe.name.hash, probe.id, is_new ? 0 : 1, 9);
    c->position = n;
    for (u32 i = 0; i < tasks; i++) {
        if (keyed_shard(hash) - ws[i].keyed.first >= ws[i].keyed.count) continue;
        struct old_acc old = { 1, v, (i16)v };
        struct new_acc now = { .rows = 1, .low = v, .wide = v };
        window_add(c, &ws[i], is_new ? &new_ops : &old_ops, &probe, hash, t,
                   is_new ? (void *)&now : &old);
    }
}

static void run_rows(struct chain *c, struct window *ws, u32 tasks, bool is_new, u32 from, u32 to) {
    for (u32 n = from; n < to; n++) {
        add_row(c, ws, tasks, is_new, n);
        for (u32 i = 0; n % 7 == 0 && i < tasks; i++) window_watermark(c, &ws[i], (i64)n - 10);
    }
}

static void open_all(struct window *ws, u32 tasks, const struct window_ops *ops) {
    for (u32 i = 0; i < tasks; i++) {
        u32 first = SHARDS * i / tasks, end = SHARDS * (i + 1) / tasks;
        CHECK_EQ(window_open(&ws[i], &spec, ops, first, end - first, 9, NULL), 0);
    }
}

static int by_line(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines in order of their text. */
static void sort_lines(struct text_buf *b) {
    char **lines = malloc((b->size + 1) * sizeof *lines), *copy = malloc(b->size + 1), *rest = copy;
    u32 count = 0;
    memcpy(copy, b->at, b->size + 1);
    while ((lines[count] = strtok_r(rest, "\n", &rest))) count++;
    qsort(lines, count, sizeof *lines, by_line);
    text_buf_clear(b);
    for (u32 i = 0; i < count; i++) text_buf_printf(b, "%s\n", lines[i]);
    free(lines);
    free(copy);
}

#define ROWS 400u

/* The old stage in `before` tasks up to row k, the new one in `after` tasks from there. */
static void migrate_at(u32 k, u32 before, u32 after, struct text_buf *out) {
    struct chain c = { .engine = out };
    struct window old[4], now[4];
    open_all(old, before, &old_ops);
    open_all(now, after, &new_ops);
    run_rows(&c, old, before, false, 0, k);
    text_buf_clear(out);
    for (u32 i = 0; i < before; i++) {
        struct region *r = &old[i].keyed.region;
        struct image image = { r->base, 4 << 20 };
        struct pack pack;
        pack_init(&pack);
        window_save(&old[i], &pack);
        for (u32 n = 0; n < after; n++) {
            struct unpack u = unpack_of(pack.at, pack.size);
            CHECK_EQ(window_restore(&now[n], &new_ops, &u, &image), 0);
        }
        pack_fini(&pack);
    }
    for (u32 n = 0; n < after; n++) CHECK_EQ(window_restored(&now[n]), 0);
    run_rows(&c, now, after, true, k, ROWS);
    for (u32 i = 0; i < after; i++) window_watermark(&c, &now[i], TIME_FOREVER);
    for (u32 i = 0; i < before; i++) window_close(&old[i]);
    for (u32 i = 0; i < after; i++) window_close(&now[i]);
}

static void state_of_a_changed_job_migrates_key_by_key(void) {
    struct text_buf want, one, four;
    text_buf_init(&want);
    text_buf_init(&one);
    text_buf_init(&four);
    for (u32 k = 0; k <= ROWS; k += 7) {
        struct chain c = { .engine = &want };
        struct window old;
        open_all(&old, 1, &old_ops);
        run_rows(&c, &old, 1, false, 0, k);
        text_buf_clear(&want);
        run_rows(&c, &old, 1, false, k, ROWS);
        window_watermark(&c, &old, TIME_FOREVER);
        window_close(&old);
        migrate_at(k, 1, 1, &one);
        migrate_at(k, 3, 1, &four);
        CHECK_STR(one.at, four.at); /* their order too goes by nothing else */
        sort_lines(&one);
        sort_lines(&want);
        CHECK_STR(one.at, want.at);
        migrate_at(k, 2, 4, &four);
        sort_lines(&four);
        if (!CHECK_STR(four.at, want.at)) break;
    }
    text_buf_fini(&want);
    text_buf_fini(&one);
    text_buf_fini(&four);
}

static const struct test tests[] = {
    TEST(pairs_of_schemas_fit_or_tell_why_not),
    TEST(enums_may_get_members_at_their_end),
    TEST(another_window_is_refused_and_less_lateness_is_not),
    TEST(other_triggers_are_taken_over_and_another_mode_is_not),
    TEST(a_schema_comes_back_from_its_bytes_and_no_damaged_one_does_harm),
    TEST(state_of_a_changed_job_migrates_key_by_key),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("schema", tests, argc, argv);
}
