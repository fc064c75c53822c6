/* A window as a section of a snapshot, and back. What lies in the region is in the region's image;
   here is where it lies there. A shard is taken over as it is, slot by slot in its place, because
   the order of slots is the order of the output; only what stands by offset (long texts as keys)
   gets a new one. Where the schema has changed, keys are added one by one, in that order. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store.h"
#include "runtime/stage/window_state.h"

#include <string.h>

/* ---- saving ---- */

static void save_parts(const struct parts *p, struct pack *to) {
    pack_u32(to, p->count);
    for (u32 i = 0; i < p->count; i++) {
        const struct part *part = &p->at[i];
        pack_i64(to, part->number);
        pack_u64(to, part->rows);
        pack_u32(to, part->at);
        pack_u32(to, part->room);
        pack_u32(to, part->count);
        pack_u32(to, part->sorted);
        pack_u8(to, part->array);
    }
}

void window_save(const struct window *w, struct pack *to) {
    const struct slices *x = w->slices;
    const struct region *r = &w->keyed.region;
    schema_pack(x->ops->schema, to);
    pack_u64(to, w->keyed.hash_key);
    pack_i64(to, w->w);
    pack_i64(to, x->clock);
    pack_u8(to, x->busy);
    pack_u8(to, x->filling);
    pack_i64(to, x->fill);
    pack_u32(to, w->keyed.first);
    pack_u32(to, w->keyed.count);
    for (u32 s = w->keyed.first; s < w->keyed.first + w->keyed.count; s++) {
        const struct keyed_range *g = &w->keyed.ranges[s];
        const struct shard *sh = &x->shards[s];
        pack_u32(to, region_offset(r, g->at));
        pack_u32(to, g->shift);
        pack_u32(to, g->used);
        pack_u32(to, sh->census_at);
        pack_u32(to, sh->running ? region_offset(r, sh->running) : 0);
        pack_i64(to, sh->low);
        pack_i64(to, sh->high);
        pack_u64(to, w->keyed.arrivals[s]);
        save_parts(&sh->closed, to);
        save_parts(&sh->panes, to);
    }
}

/* ---- what was saved ---- */

struct saved {
    const struct state_schema *schema;
    const struct schema_map *map; /* null: the layout is the same */
    const struct image *image;
    struct region view; /* the image, for functions that only look */
    u64 hash_key;
    i64 w, clock, fill;
    bool busy, filling, enums; /* enums: there are some in the slots */
    u32 first, count;
};

struct saved_shard {
    u32 number, slots, shift, used, census_at, running;
    i64 low, high;
    u64 arrivals;
    const u8 *at;
    struct parts closed, panes; /* in the view */
};

static int damaged(const char *what) {
    return error_set(0, "the saved state of a window is damaged: %s", what);
}

/* A run in the image, null if it is not all there. */
static const u8 *run_at(const struct saved *v, u32 offset, u64 bytes) {
    u64 from = (u64)offset * REGION_UNIT;
    bool there = offset && from <= v->image->bytes && bytes <= v->image->bytes - from;
    return there ? v->image->at + from : NULL;
}

static int read_part(const struct saved *v, struct parts *p, u32 slots, struct unpack *from) {
    struct part part = { .number = unpack_i64(from), .rows = unpack_u64(from) };
    part.at = unpack_u32(from);
    part.room = unpack_u32(from);
    part.count = unpack_u32(from);
    part.sorted = unpack_u32(from);
    part.array = unpack_u8(from) != 0;
    if (p->count && p->at[p->count - 1].number >= part.number) return damaged("slices");
    if (part.array ? part.room != slots : part.count > part.room || part.sorted > part.count)
        return damaged("a slice");
    u64 step = part.array ? p->acc_size : 8 + (u64)p->acc_size;
    if ((part.room || part.array) && !run_at(v, part.at, part.room * step))
        return damaged("a slice's place");
    *parts_put(p, part.number) = part;
    return 0;
}

static int read_parts(const struct saved *v, struct parts *p, u32 slots, struct unpack *from) {
    for (u32 i = 0, n = unpack_u32(from); i < n && !from->bad; i++)
        if (read_part(v, p, slots, from) < 0) return -1;
    return 0;
}

static int read_shard(struct saved *v, struct saved_shard *o, struct unpack *from) {
    u32 at = unpack_u32(from);
    o->shift = unpack_u32(from);
    o->used = unpack_u32(from);
    o->census_at = unpack_u32(from);
    o->running = unpack_u32(from);
    o->low = unpack_i64(from);
    o->high = unpack_i64(from);
    o->arrivals = unpack_u64(from);
    if (from->bad || o->shift < 33 || o->shift > 61) return damaged("a shard");
    o->slots = keyed_slots(&(struct keyed_range){ .shift = o->shift });
    o->at = run_at(v, at, (u64)o->slots * v->schema->slot_size);
    if (!o->at) return damaged("a shard's place");
    if (o->running && !run_at(v, o->running, (u64)o->slots * v->schema->acc_size))
        return damaged("running sums");
    if (read_parts(v, &o->closed, o->slots, from) < 0 ||
        read_parts(v, &o->panes, o->slots, from) < 0)
        return -1;
    if (from->bad) return damaged("a shard is not all there");
    return v->filling && parts_find(&o->closed, v->fill) ? damaged("a slice is there twice") : 0;
}

static bool slot_is_used(const struct saved *v, const u8 *slot) {
    u64 rows;
    memcpy(&rows, slot + v->schema->acc_at, 8);
    return rows & KEYED_USED;
}

/* Generated code takes the names of an enum's members by number. */
static bool enums_are_sound(const struct saved *v, const u8 *at, bool keys) {
    for (u32 i = 0; i < v->schema->count; i++) {
        const struct state_field *f = &v->schema->fields[i];
        u32 value = 0;
        if (f->type.kind != TYPE_ENUM || (f->role == STATE_KEY) != keys) continue;
        if (!keys && f->role != STATE_MIN && f->role != STATE_MAX) continue;
        memcpy(&value, at + f->at, f->size);
        if (value >= f->type.of->count && value) return false;
    }
    return true;
}

static bool slot_is_sound(const struct saved *v, const u8 *slot) {
    return !v->enums ||
           (enums_are_sound(v, slot, true) && enums_are_sound(v, slot + v->schema->acc_at, false));
}

/* ---- a shard as it was ---- */

static bool adopt_texts(const struct state_schema *schema, const struct image *image, u8 *slot,
                        struct region *region) {
    for (u32 i = 0; i < schema->count; i++) {
        const struct state_field *f = &schema->fields[i];
        if (f->role != STATE_KEY || f->type.kind != TYPE_STRING) continue;
        struct key_text text;
        memcpy(&text, slot + f->at, sizeof text);
        if (!key_text_adopt(&text, image->at, image->bytes, region)) return false;
        memcpy(slot + f->at, &text, sizeof text);
    }
    return true;
}

static bool has_texts(const struct state_schema *schema) {
    for (u32 i = 0; i < schema->count; i++)
        if (schema->fields[i].role == STATE_KEY && schema->fields[i].type.kind == TYPE_STRING)
            return true;
    return false;
}

static const char contents[] = "what its accumulators hold";

static bool adopt_acc(const struct window_ops *ops, const struct saved *v, u8 *acc,
                      struct region *region) {
    return !ops->adopt || ops->adopt(acc, v->image->at, v->image->bytes, region);
}

static int adopt_slots(struct window *w, const struct window_ops *ops, const struct saved *v,
                       const struct saved_shard *o) {
    struct keyed *k = &w->keyed;
    u8 *slots = keyed_replace(k, &ops->keyed, o->number, o->shift), *slot = slots;
    u64 size = ops->keyed.slot_size;
    bool texts = has_texts(v->schema);
    u32 used = 0;
    memcpy(slots, o->at, o->slots * size);
    for (u32 i = 0; i < o->slots; i++, slot += size) {
        if (!slot_is_used(v, slot)) continue;
        if (texts && !adopt_texts(v->schema, v->image, slot, &k->region)) return damaged("a text");
        if (!slot_is_sound(v, slot)) return damaged("an enum");
        if (!adopt_acc(ops, v, slot + ops->keyed.acc_at, &k->region)) return damaged(contents);
        if (!used++ && keyed_shard(ops->keyed.key_hash(slot, k->hash_key, &k->region)) != o->number)
            return damaged("keys are not where they belong");
    }
    if (slot_is_used(v, slot - size) || used != o->used) return damaged("a shard's slots");
    k->ranges[o->number].used = used;
    return 0;
}

/* Where accumulators begin in what a part holds of a slot; -1: nowhere. */
#define IN_SLICE 0

static i32 in_record(const struct window *w) {
    bool retracts = w->slices->spec->mode == WINDOW_RETRACTING;
    return retracts ? (i32)sizeof(struct pane_book) : -1;
}

/* Entries are of used slots alone, and the members of enums in their accumulators are there. */
static bool part_is_sound(const struct saved *v, const struct saved_shard *o, const struct parts *p,
                          const struct part *part, i32 in) {
    const u8 *acc = region_at(&v->view, part->at);
    u32 count = part->array ? part->room : part->count;
    bool enums = v->enums && in >= 0;
    for (u32 i = 0; (!part->array || enums) && i < count; i++, acc += p->acc_size) {
        if (!part->array) {
            u64 slot;
            memcpy(&slot, acc, 8);
            if (slot >= o->slots || !slot_is_used(v, o->at + slot * v->schema->slot_size))
                return false;
            acc += 8;
        }
        if (enums && !enums_are_sound(v, acc + in, false)) return false;
    }
    return true;
}

static bool adopt_part(const struct window_ops *ops, const struct saved *v, struct parts *p,
                       struct part *part, i32 in) {
    u64 step = part->array ? p->acc_size : 8 + (u64)p->acc_size;
    u8 *at = part->at ? (u8 *)region_at(p->region, part->at) + (part->array ? 0 : 8) : NULL;
    for (u32 i = 0, n = part->array ? part->room : part->count; i < n; i++, at += step)
        if (!adopt_acc(ops, v, at + in, p->region)) return false;
    return true;
}

static int adopt_parts(const struct window_ops *ops, const struct saved *v,
                       const struct saved_shard *o, const struct parts *old, struct parts *p,
                       i32 in) {
    u32 slots = o->slots;
    for (u32 i = 0; i < old->count; i++) {
        const struct part *from = &old->at[i];
        struct part *part = parts_put(p, from->number);
        const u8 *bytes = region_at(&v->view, from->at);
        if (!part_is_sound(v, o, p, from, in)) return damaged("what a slice holds");
        if (from->array) {
            u64 size = (u64)slots * p->acc_size;
            u8 *array = region_alloc(p->region, size);
            memcpy(array, bytes, size);
            part_take(p, part, array, slots, slots, from->rows);
        } else {
            u8 *list = part_make_list(p, part, from->count, from->sorted, from->rows);
            if (list) memcpy(list, bytes, from->count * (8 + (u64)p->acc_size));
        }
        if (in >= 0 && !adopt_part(ops, v, p, part, in)) return damaged(contents);
    }
    return 0;
}

static int adopt_shard(struct window *w, const struct window_ops *ops, const struct saved *v,
                       const struct saved_shard *o) {
    struct slices *x = w->slices;
    struct shard *sh = &x->shards[o->number];
    if (adopt_slots(w, ops, v, o) < 0 ||
        adopt_parts(ops, v, o, &o->closed, &sh->closed, IN_SLICE) < 0 ||
        adopt_parts(ops, v, o, &o->panes, &sh->panes, in_record(w)) < 0)
        return -1;
    sh->census_at = o->census_at;
    w->keyed.arrivals[o->number] = o->arrivals;
    if (o->running && x->sums) {
        u64 bytes = (u64)o->slots * ops->acc_size;
        sh->running = region_alloc(&w->keyed.region, bytes);
        memcpy(sh->running, region_at(&v->view, o->running), bytes);
        sh->low = o->low;
        sh->high = o->high;
    }
    bool same = v->filling == x->filling && (!x->filling || v->fill == x->fill);
    if (!same && v->filling) shard_leave_fill(NULL, w, o->number, v->fill);
    if (!same && x->filling) shard_enter_fill(w, o->number, x->fill);
    return 0;
}

/* ---- key by key, into another layout ---- */

static void add_to_slice(struct window *w, u32 shard, u8 *slot, i64 slice, const u8 *acc) {
    struct slices *x = w->slices;
    const struct window_ops *ops = x->ops;
    const struct keyed_range *g = &w->keyed.ranges[shard];
    u64 rows;
    memcpy(&rows, acc, 8);
    rows &= ~KEYED_USED;
    u8 *to = slot + ops->keyed.acc_at;
    u64 word = rows | KEYED_USED;
    if (!x->filling || slice != x->fill) {
        struct parts *closed = &x->shards[shard].closed;
        struct part *part = parts_put(closed, slice);
        u32 number = (u32)((u64)(slot - g->at) / ops->keyed.slot_size);
        to = part_acc(closed, part, keyed_slots(g), number);
        part->rows += rows;
        word = rows;
    }
    memcpy(to, acc, ops->acc_size);
    memcpy(to, &word, 8);
}

static bool migrate_acc(struct window *w, const struct saved *v, u32 shard, u8 *slot, i64 slice,
                        const u8 *old) {
    u64 acc[PASS_ACC_WORDS];
    schema_move_acc(v->map, old, (u8 *)acc);
    if (!(acc[0] & ~KEYED_USED)) return true;
    if (!adopt_acc(w->slices->ops, v, (u8 *)acc, &w->keyed.region)) return false;
    add_to_slice(w, shard, slot, slice, (const u8 *)acc);
    return true;
}

static int migrate_accs(struct window *w, const struct saved *v, const struct saved_shard *o,
                        u32 from, u32 shard, u8 *slot) {
    const struct keyed_range *g = &w->keyed.ranges[shard];
    const u8 *filling = o->at + (u64)from * v->schema->slot_size + v->schema->acc_at;
    if (v->filling && !migrate_acc(w, v, shard, slot, v->fill, filling)) return damaged(contents);
    if (w->keyed.arrivals[shard] < o->arrivals) w->keyed.arrivals[shard] = o->arrivals;
    for (u32 i = 0; i < o->closed.count; i++) { /* sound: looked at by migrate_shard */
        const u8 *old = part_look(&o->closed, &o->closed.at[i], from);
        if (old && !migrate_acc(w, v, shard, slot, o->closed.at[i].number, old))
            return damaged(contents);
    }
    struct parts *panes = &w->slices->shards[shard].panes;
    i32 in = in_record(w);
    for (u32 i = 0; i < o->panes.count; i++) {
        const u8 *old = part_look(&o->panes, &o->panes.at[i], from);
        u64 word = 0;
        if (old) memcpy(&word, old, 8);
        if (!word) continue;
        u32 to = (u32)((u64)(slot - g->at) / w->slices->ops->keyed.slot_size);
        struct part *part = parts_put(panes, o->panes.at[i].number);
        u8 *record = part_acc(panes, part, keyed_slots(g), to);
        memcpy(record, old, in >= 0 ? (u32)in : panes->acc_size);
        if (in < 0) continue;
        schema_move_acc(v->map, old + in, record + in);
        if (!adopt_acc(w->slices->ops, v, record + in, &w->keyed.region)) return damaged(contents);
    }
    return 0;
}

static bool texts_are_sound(const struct saved *v, const u8 *slot) {
    for (u32 i = 0; i < v->schema->count; i++) {
        const struct state_field *f = &v->schema->fields[i];
        if (f->role != STATE_KEY || f->type.kind != TYPE_STRING) continue;
        struct key_text text;
        memcpy(&text, slot + f->at, sizeof text);
        if (!key_text_is_sound(&text, v->image->bytes)) return false;
    }
    return true;
}

/* Keys may hash elsewhere now: each goes to the shard that it belongs to, if that is w's. */
static int migrate_shard(struct window *w, const struct window_ops *ops, const struct saved *v,
                         const struct saved_shard *o) {
    struct keyed *k = &w->keyed;
    u64 key[PASS_ACC_WORDS * 4];
    u8 *stored = (u8 *)key;
    ENSURE(ops->keyed.acc_at <= sizeof key);
    for (u32 i = 0; i < o->closed.count; i++)
        if (!part_is_sound(v, o, &o->closed, &o->closed.at[i], IN_SLICE))
            return damaged("what a slice holds");
    for (u32 i = 0; i < o->panes.count; i++)
        if (!part_is_sound(v, o, &o->panes, &o->panes.at[i], in_record(w)))
            return damaged("what is known of panes");
    for (u32 i = 0; i < o->slots; i++) {
        const u8 *old = o->at + (u64)i * v->schema->slot_size;
        if (!slot_is_used(v, old)) continue;
        if (!texts_are_sound(v, old) || !slot_is_sound(v, old)) return damaged("a key");
        schema_move_key(v->map, old, stored);
        u64 hash = ops->keyed.key_hash(stored, k->hash_key, &v->view);
        u32 shard = keyed_shard(hash);
        if (shard - k->first >= k->count) continue;
        adopt_texts(ops->schema, v->image, stored, &k->region);
        u8 *slot = keyed_put(k, &ops->keyed, stored, hash);
        if (migrate_accs(w, v, o, i, shard, slot) < 0) return -1;
    }
    return 0;
}

/* ---- all of it ---- */

static int take_shard(struct window *w, const struct window_ops *ops, struct saved *v, u32 number,
                      struct unpack *from) {
    struct saved_shard o = { .number = number };
    u64 *seen = &w->slices->seen[number / 64], bit = 1ull << number % 64;
    parts_init(&o.closed, &v->view, v->schema->acc_size);
    parts_init(&o.panes, &v->view, panes_record_size(w->slices->spec, v->schema->acc_size));
    int result = *seen & bit ? damaged("a shard is there twice") : read_shard(v, &o, from);
    *seen |= bit;
    if (result == 0 && v->map)
        result = migrate_shard(w, ops, v, &o);
    else if (result == 0 && number - w->keyed.first < w->keyed.count)
        result = adopt_shard(w, ops, v, &o);
    parts_fini(&o.closed);
    parts_fini(&o.panes);
    return result;
}

/* Does the slice hold any time that can be written? */
static bool slice_is_sound(const struct slicing *s, i64 slice) {
    return slicing_start(s, slice) <= TIME_FOREVER && slicing_end(s, slice) > TIME_NEVER;
}

/* What all tasks of a stage have in common. Which slice fills may differ: that of the first one
   fills from now on. */
static int take_position(struct window *w, const struct saved *v) {
    struct slices *x = w->slices;
    bool first = true;
    for (u32 i = 0; i < KEYED_SHARDS / 64; i++) first &= !x->seen[i];
    if (v->hash_key != w->keyed.hash_key)
        return error_set(0, "the saved state was made with another hash key");
    if (v->filling && !slice_is_sound(&x->slicing, v->fill)) return damaged("the filling slice");
    if (!first)
        return v->w == w->w && v->clock == x->clock
                   ? 0
                   : damaged("its tasks were not at the same time");
    w->w = v->w;
    x->clock = v->clock;
    x->next = slicing_first_open(&x->slicing, v->w, 0);
    x->busy = v->busy;
    if (v->filling) window_set_fill(w, v->fill);
    return 0;
}

static int fit(const struct window_ops *ops, struct saved *v, struct arena *arena) {
    struct text_buf why;
    text_buf_init(&why);
    enum schema_fit fit = schema_compare(v->schema, ops->schema, &why);
    for (u64 i = 0; i + 1 < why.size; i++)
        if (why.at[i] == '\n') why.at[i] = ';';
    int result = 0;
    if (fit == SCHEMA_REFUSE)
        result = error_set(0, "the saved state does not fit: %.*s", (int)why.size - 1, why.at);
    text_buf_fini(&why);
    if (fit == SCHEMA_MIGRATE) {
        struct schema_map *map = arena_alloc(arena, sizeof *map);
        *map = schema_map_of(v->schema, ops->schema, arena);
        v->map = map;
    }
    return result;
}

static int restore(struct window *w, const struct window_ops *ops, struct unpack *from,
                   struct saved *v, struct arena *arena) {
    v->schema = schema_unpack(from, arena);
    if (!v->schema || fit(ops, v, arena) < 0) return -1;
    for (u32 i = 0; i < v->schema->count; i++)
        v->enums |= v->schema->fields[i].type.kind == TYPE_ENUM;
    v->hash_key = unpack_u64(from);
    v->w = unpack_i64(from);
    v->clock = unpack_i64(from);
    v->busy = unpack_u8(from) != 0;
    v->filling = unpack_u8(from) != 0;
    v->fill = unpack_i64(from);
    v->first = unpack_u32(from);
    v->count = unpack_u32(from);
    if (from->bad || v->first > KEYED_SHARDS || v->count > KEYED_SHARDS - v->first)
        return damaged("it is not all there");
    if (take_position(w, v) < 0) return -1;
    for (u32 s = v->first; s < v->first + v->count; s++)
        if (take_shard(w, ops, v, s, from) < 0) return -1;
    window_look_how_far(w);
    return 0;
}

int window_restore(struct window *w, const struct window_ops *ops, struct unpack *from,
                   const struct image *image) {
    struct arena arena;
    arena_init(&arena);
    struct saved v = { .image = image, .view = { .base = (u8 *)image->at } };
    int result = restore(w, ops, from, &v, &arena);
    arena_fini(&arena);
    return result;
}

int window_restored(const struct window *w) {
    for (u32 i = 0; i < KEYED_SHARDS / 64; i++)
        if (~w->slices->seen[i]) return damaged("not all shards are there");
    return 0;
}
