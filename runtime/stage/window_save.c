/* A window as a section of a snapshot, and back. What lies in the region is in the region's image;
   here is where it lies there. A shard is taken over as it is, slot by slot in its place, because
   the order of slots is the order of the output; only what stands by offset (long texts as keys)
   gets a new one. Where the schema has changed, keys are added one by one, in that order. */
#include "runtime/base/ensure.h"
#include "runtime/stage/saved.h"
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
    saved_begin(x->ops->schema, w->keyed.hash_key, w->w, x->clock, to);
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

struct saved_shard {
    u32 number, slots, shift, used, census_at, running;
    i64 low, high;
    u64 arrivals;
    const u8 *at;
    struct parts closed, panes; /* in the view */
    bool filling;               /* of the window: */
    i64 fill;
};

static int read_part(const struct saved *v, struct parts *p, u32 slots, struct unpack *from) {
    struct part part = { .number = unpack_i64(from), .rows = unpack_u64(from) };
    part.at = unpack_u32(from);
    part.room = unpack_u32(from);
    part.count = unpack_u32(from);
    part.sorted = unpack_u32(from);
    part.array = unpack_u8(from) != 0;
    if (p->count && p->at[p->count - 1].number >= part.number) return saved_damaged("slices");
    if (part.array ? part.room != slots : part.count > part.room || part.sorted > part.count)
        return saved_damaged("a slice");
    u64 step = part.array ? p->acc_size : 8 + (u64)p->acc_size;
    if ((part.room || part.array) && !saved_run(v->image, part.at, part.room * step))
        return saved_damaged("a slice's place");
    *parts_put(p, part.number) = part;
    return 0;
}

static int read_parts(const struct saved *v, struct parts *p, u32 slots, struct unpack *from) {
    for (u32 i = 0, n = unpack_u32(from); i < n && !from->bad; i++)
        if (read_part(v, p, slots, from) < 0) return -1;
    return 0;
}

static int read_shard(const struct saved *v, struct saved_shard *o, struct unpack *from) {
    u32 at = unpack_u32(from);
    o->shift = unpack_u32(from);
    o->used = unpack_u32(from);
    o->census_at = unpack_u32(from);
    o->running = unpack_u32(from);
    o->low = unpack_i64(from);
    o->high = unpack_i64(from);
    o->arrivals = unpack_u64(from);
    if (from->bad || o->shift < 33 || o->shift > 61) return saved_damaged("a shard");
    o->slots = keyed_slots(&(struct keyed_range){ .shift = o->shift });
    o->at = saved_run(v->image, at, (u64)o->slots * v->schema->slot_size);
    if (!o->at) return saved_damaged("a shard's place");
    if (o->running && !saved_run(v->image, o->running, (u64)o->slots * v->schema->acc_size))
        return saved_damaged("running sums");
    if (read_parts(v, &o->closed, o->slots, from) < 0 ||
        read_parts(v, &o->panes, o->slots, from) < 0)
        return -1;
    if (from->bad) return saved_damaged("a shard is not all there");
    return o->filling && parts_find(&o->closed, o->fill) ? saved_damaged("a slice is there twice")
                                                         : 0;
}

static bool slot_is_sound(const struct saved *v, const u8 *slot) {
    return !v->enums || (saved_enums_are_sound(v, slot, true) &&
                         saved_enums_are_sound(v, slot + v->schema->acc_at, false));
}

/* ---- a shard as it was ---- */

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
    u32 used = 0;
    memcpy(slots, o->at, o->slots * size);
    for (u32 i = 0; i < o->slots; i++, slot += size) {
        if (!saved_is_used(v, slot)) continue;
        if (v->texts && !saved_adopt_texts(v, v->schema, slot, &k->region))
            return saved_damaged("a text");
        if (!slot_is_sound(v, slot)) return saved_damaged("an enum");
        if (!adopt_acc(ops, v, slot + ops->keyed.acc_at, &k->region))
            return saved_damaged(contents);
        if (!used++ && keyed_shard(ops->keyed.key_hash(slot, k->hash_key, &k->region)) != o->number)
            return saved_damaged("keys are not where they belong");
    }
    if (saved_is_used(v, slot - size) || used != o->used) return saved_damaged("a shard's slots");
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
            if (slot >= o->slots || !saved_is_used(v, o->at + slot * v->schema->slot_size))
                return false;
            acc += 8;
        }
        if (enums && !saved_enums_are_sound(v, acc + in, false)) return false;
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
        if (!part_is_sound(v, o, p, from, in)) return saved_damaged("what a slice holds");
        if (from->array) {
            u64 size = (u64)slots * p->acc_size;
            u8 *array = region_alloc(p->region, size);
            memcpy(array, bytes, size);
            part_take(p, part, array, slots, slots, from->rows);
        } else {
            u8 *list = part_make_list(p, part, from->count, from->sorted, from->rows);
            if (list) memcpy(list, bytes, from->count * (8 + (u64)p->acc_size));
        }
        if (in >= 0 && !adopt_part(ops, v, p, part, in)) return saved_damaged(contents);
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
    bool same = o->filling == x->filling && (!x->filling || o->fill == x->fill);
    if (!same && o->filling) shard_leave_fill(NULL, w, o->number, o->fill);
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
    if (o->filling && !migrate_acc(w, v, shard, slot, o->fill, filling))
        return saved_damaged(contents);
    if (w->keyed.arrivals[shard] < o->arrivals) w->keyed.arrivals[shard] = o->arrivals;
    for (u32 i = 0; i < o->closed.count; i++) { /* sound: looked at by migrate_shard */
        const u8 *old = part_look(&o->closed, &o->closed.at[i], from);
        if (old && !migrate_acc(w, v, shard, slot, o->closed.at[i].number, old))
            return saved_damaged(contents);
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
        if (!adopt_acc(w->slices->ops, v, record + in, &w->keyed.region))
            return saved_damaged(contents);
    }
    return 0;
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
            return saved_damaged("what a slice holds");
    for (u32 i = 0; i < o->panes.count; i++)
        if (!part_is_sound(v, o, &o->panes, &o->panes.at[i], in_record(w)))
            return saved_damaged("what is known of panes");
    for (u32 i = 0; i < o->slots; i++) {
        const u8 *old = o->at + (u64)i * v->schema->slot_size;
        if (!saved_is_used(v, old)) continue;
        if (!saved_texts_are_sound(v, old) || !slot_is_sound(v, old)) return saved_damaged("a key");
        schema_move_key(v->map, old, stored);
        u64 hash = ops->keyed.key_hash(stored, k->hash_key, &v->view);
        u32 shard = keyed_shard(hash);
        if (shard - k->first >= k->count) continue;
        saved_adopt_texts(v, ops->schema, stored, &k->region);
        u8 *slot = keyed_put(k, &ops->keyed, stored, hash);
        if (migrate_accs(w, v, o, i, shard, slot) < 0) return -1;
    }
    return 0;
}

/* ---- all of it ---- */

static int take_shard(struct window *w, const struct window_ops *ops, const struct saved *v,
                      struct saved_shard *o, struct unpack *from) {
    int result = saved_see(w->slices->seen, o->number);
    if (result == 0) result = read_shard(v, o, from);
    if (result == 0 && v->map) return migrate_shard(w, ops, v, o);
    if (result == 0 && o->number - w->keyed.first < w->keyed.count)
        return adopt_shard(w, ops, v, o);
    return result;
}

/* Does the slice hold any time that can be written? */
static bool slice_is_sound(const struct slicing *s, i64 slice) {
    return slicing_start(s, slice) <= TIME_FOREVER && slicing_end(s, slice) > TIME_NEVER;
}

/* Which slice fills may differ between tasks: that of the first one fills from now on. */
static int take_position(struct window *w, const struct saved *v, bool busy, bool filling,
                         i64 fill) {
    struct slices *x = w->slices;
    bool first;
    if (filling && !slice_is_sound(&x->slicing, fill)) return saved_damaged("the filling slice");
    if (saved_position(v, x->seen, w->keyed.hash_key, &w->w, &x->clock, &first) < 0) return -1;
    if (!first) return 0;
    x->next = slicing_first_open(&x->slicing, w->w, 0);
    x->busy = busy;
    if (filling) window_set_fill(w, fill);
    return 0;
}

static int restore(struct window *w, const struct window_ops *ops, struct unpack *from,
                   const struct image *image, struct arena *arena) {
    struct saved v;
    if (saved_open(&v, image, ops->schema, from, arena) < 0) return -1;
    bool busy = unpack_u8(from) != 0, filling = unpack_u8(from) != 0;
    i64 fill = unpack_i64(from);
    if (saved_shards(&v, from) < 0 || take_position(w, &v, busy, filling, fill) < 0) return -1;
    for (u32 s = v.first; s < v.first + v.count; s++) {
        struct saved_shard o = { .number = s, .filling = filling, .fill = fill };
        parts_init(&o.closed, &v.view, v.schema->acc_size);
        parts_init(&o.panes, &v.view, panes_record_size(w->slices->spec, v.schema->acc_size));
        int result = take_shard(w, ops, &v, &o, from);
        parts_fini(&o.closed);
        parts_fini(&o.panes);
        if (result < 0) return -1;
    }
    window_look_how_far(w);
    return 0;
}

int window_restore(struct window *w, const struct window_ops *ops, struct unpack *from,
                   const struct image *image) {
    struct arena arena;
    arena_init(&arena);
    int result = restore(w, ops, from, image, &arena);
    arena_fini(&arena);
    return result;
}

int window_restored(const struct window *w) {
    return saved_all(w->slices->seen);
}
