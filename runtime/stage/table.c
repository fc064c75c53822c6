#include "runtime/stage/table.h"

#include "runtime/base/budget.h"
#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_LEAST 16u
#define BLOCK_BYTES (64u << 10)

/* Texts stand in blocks, so that those stored stay where they are. */
struct text_block {
    struct text_block *before;
    char at[];
};

struct table_store {
    struct budget *budget;
    struct text_block *texts;
    u64 text_size, text_room; /* of the newest block */
    u32 room;                 /* rows */
    u64 bytes;
};

static bool count_bytes(struct table *t, u64 bytes) {
    t->store->bytes += bytes;
    return !t->store->budget || budget_take(t->store->budget, BUDGET_TABLES, bytes);
}

void table_open(struct table *t, const struct table_ops *ops, u64 hash_key, struct budget *budget) {
    *t = (struct table){ .ops = ops, .mask = SLOTS_LEAST - 1, .hash_key = hash_key };
    t->slots = calloc(SLOTS_LEAST, sizeof *t->slots);
    t->store = calloc(1, sizeof *t->store);
    ENSURE(t->slots && t->store);
    t->store->budget = budget;
}

void table_close(struct table *t) {
    if (!t->store) return;
    if (t->store->budget) budget_give(t->store->budget, BUDGET_TABLES, t->store->bytes);
    for (struct text_block *b = t->store->texts, *before; b; b = before) {
        before = b->before;
        free(b);
    }
    free(t->store);
    free(t->slots);
    free(t->rows);
    *t = (struct table){ 0 };
}

static u8 *row_of(const struct table *t, u32 row) {
    return t->rows + (u64)row * t->ops->row_size;
}

static void put_slot(struct table *t, u64 hash, u32 row) {
    u32 tag = (u32)(hash >> 32) | 1;
    u64 at = table_home(t, hash);
    for (; t->slots[at].tag; at = (at + 1) & t->mask)
        if (t->slots[at].tag == tag)
            t->repeats |= t->ops->row_hash(row_of(t, t->slots[at].row), t->hash_key) == hash;
    t->slots[at] = (struct table_slot){ .tag = tag, .row = row };
}

/* Rows go in again in the order of the file, so those of one key stay in it. */
static bool grow_slots(struct table *t) {
    u64 slots = (t->mask + 1) * 2;
    free(t->slots);
    t->slots = calloc(slots, sizeof *t->slots);
    ENSURE(t->slots);
    t->mask = slots - 1;
    for (u32 i = 0; i < t->count; i++) put_slot(t, t->ops->row_hash(row_of(t, i), t->hash_key), i);
    return count_bytes(t, slots / 2 * sizeof *t->slots);
}

static bool grow_rows(struct table *t) {
    struct table_store *store = t->store;
    u32 more = store->room ? store->room : SLOTS_LEAST;
    ENSURE(store->room < 1u << 31);
    store->room += more;
    t->rows = realloc(t->rows, (u64)store->room * t->ops->row_size);
    ENSURE(t->rows);
    return count_bytes(t, (u64)more * t->ops->row_size);
}

static bool keep_text(struct table *t, struct str *s) {
    struct table_store *store = t->store;
    bool within = true;
    if (s->size > store->text_room - store->text_size) {
        u64 room = s->size > BLOCK_BYTES ? s->size : BLOCK_BYTES;
        struct text_block *block = malloc(sizeof *block + room);
        ENSURE(block);
        *block = (struct text_block){ .before = store->texts };
        store->texts = block;
        store->text_size = 0;
        store->text_room = room;
        within = count_bytes(t, sizeof *block + room);
    }
    if (!s->size) return within;
    char *at = store->texts->at + store->text_size;
    memcpy(at, s->at, s->size);
    store->text_size += s->size;
    s->at = at;
    return within;
}

bool table_add(struct table *t, const void *row, const u16 *texts, u32 text_count) {
    bool within = true;
    if (t->count == t->store->room) within &= grow_rows(t);
    if (((u64)t->count + 1) * 4 > t->mask + 1) within &= grow_slots(t); /* few look twice */
    u8 *to = row_of(t, t->count);
    memcpy(to, row, t->ops->row_size);
    for (u32 i = 0; i < text_count; i++) within &= keep_text(t, (struct str *)(to + texts[i]));
    put_slot(t, t->ops->row_hash(to, t->hash_key), t->count++);
    return within;
}

u64 table_bytes(const struct table *t) {
    return t->store->bytes;
}
