#include "runtime/base/ensure.h"
#include "runtime/base/grow.h"
#include "runtime/stage/session_state.h"
#include "runtime/stage/trigger.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_FEW 16u /* a shard of fewer is not looked through for those that can go */

#define FRESH_MOST ((1ull << 62) - 1)

/* Kinds of entries: an end, which may have moved on; a pane by event time, before the end or behind
   it; one by the clock. */
enum { DUE_END, DUE_EARLY, DUE_LATE, DUE_TICK };

/* ---- accumulators ---- */

static u8 *acc_of(const struct one_session *x) {
    return (u8 *)(x + 1);
}

static u64 acc_rows(const void *acc) {
    u64 rows;
    memcpy(&rows, acc, 8);
    return rows;
}

/* Of what nobody will ask for again. */
static void acc_clear(struct sessions *s, void *acc) {
    const struct window_ops *ops = s->x->ops;
    if (ops->drop) ops->drop(acc, &s->keyed.region);
    memset(acc, 0, ops->acc_size);
}

static void acc_add(struct chain *c, struct sessions *s, void *into, const void *from) {
    s->x->ops->merge(c, &s->keyed.region, into, from);
}

static void acc_copy(struct chain *c, struct sessions *s, void *to, const void *from) {
    memset(to, 0, s->x->ops->acc_size);
    acc_add(c, s, to, from);
}

static void touch_session(const struct session_key *k, const struct one_session *x) {
    region_touch_run(&k->s->keyed.region, x, k->s->x->record);
}

/* ---- the sessions of a key ---- */

static u64 *word_of(const struct session_key *k) {
    return (u64 *)(k->slot + k->s->x->ops->keyed.acc_at);
}

static struct one_session *in_place(const struct session_key *k) {
    return (struct one_session *)(word_of(k) + 1);
}

struct session_key session_key(struct sessions *s, u8 *slot, u32 shard) {
    struct session_key k = { .s = s, .slot = slot, .shard = shard };
    u64 word = *word_of(&k);
    k.number = (u32)((u64)(slot - s->keyed.ranges[shard].at) / s->x->ops->keyed.slot_size);
    k.of = (struct sorted){ (u32)word, SESSION_COUNT(word) };
    return k;
}

static u8 *slot_at(const struct sessions *s, u32 shard, u32 number) {
    return s->keyed.ranges[shard].at + (u64)number * s->x->ops->keyed.slot_size;
}

static struct session_key key_by_number(struct sessions *s, u32 shard, u32 number) {
    return session_key(s, slot_at(s, shard, number), shard);
}

static struct sorted_set pages_of(const struct session_key *k) {
    struct sorted *of = (struct sorted *)&k->of;
    return (struct sorted_set){ &k->s->keyed.region, of, k->s->x->record };
}

static void store(struct session_key *k) {
    u64 word = KEYED_USED | (u64)k->of.count << 32 | k->of.at;
    region_touch(&k->s->keyed.region, word_of(k), 8);
    *word_of(k) = word;
}

/* The first session that ends at `end` or later. */
struct sorted_place session_find(const struct session_key *k, i64 end) {
    if (k->of.at) {
        struct sorted_set pages = pages_of(k);
        return sorted_find(&pages, end);
    }
    return (struct sorted_place){ 0, k->of.count && in_place(k)->end < end };
}

struct one_session *session_at(const struct session_key *k, struct sorted_place *p) {
    if (k->of.at) {
        struct sorted_set pages = pages_of(k);
        return (struct one_session *)sorted_at(&pages, p);
    }
    return p->nth < k->of.count ? in_place(k) : NULL;
}

struct one_session *session_put(struct session_key *k, struct sorted_place *p) {
    struct sorted_set pages = pages_of(k);
    struct one_session *x = in_place(k);
    if (!k->of.count) {
        k->of.count = 1;
        k->s->x->shards[k->shard].live++;
        region_touch_run(&k->s->keyed.region, x, k->s->x->record);
    } else {
        if (!k->of.at) {
            struct sorted_place first = { 0, 0 };
            k->of.count = 0;
            memcpy(sorted_put(&pages, &first), x, k->s->x->record);
        }
        x = (struct one_session *)sorted_put(&pages, p);
    }
    store(k);
    return x;
}

/* p becomes the place of the next one. */
static void take(struct session_key *k, struct sorted_place *p) {
    if (!k->of.at) {
        k->of.count = 0;
        k->s->x->shards[k->shard].live--;
    } else {
        struct sorted_set pages = pages_of(k);
        sorted_take(&pages, p);
        if (k->of.count == 1) { /* the last one comes into the slot */
            struct sorted_place last = { 0, 0 };
            touch_session(k, in_place(k));
            memcpy(in_place(k), sorted_at(&pages, &last), k->s->x->record);
            p->nth = p->page || p->nth;
            p->page = 0;
            sorted_clear(&pages);
            k->of = (struct sorted){ 0, 1 };
        }
    }
    store(k);
}

/* ---- what is due ---- */

static struct budget *budget_of(const struct sessions *s) {
    return s->keyed.region.budget;
}

static i64 freed_at(const struct sessions *s, const struct one_session *x) {
    return time_add(x->end, s->lateness);
}

/* The next that is due of a session whatever rows come. */
static i64 due_of(const struct sessions *s, const struct one_session *x) {
    return x->over ? freed_at(s, x) : x->end;
}

static void enter_due(struct session_key *k, const struct one_session *x) {
    struct due due = { x->due, x->start, k->number, DUE_END };
    dues_put(&k->s->x->shards[k->shard].dues, due, budget_of(k->s));
}

static void enter_fresh(struct session_key *k, const struct one_session *x) {
    struct session_shard *sh = &k->s->x->shards[k->shard];
    sh->fresh = grown(sh->fresh, sh->fresh_count, &sh->fresh_room, sizeof *sh->fresh);
    sh->fresh[sh->fresh_count++] = (struct session_fresh){ x->start, x->end, k->number };
}

void session_enter(struct session_key *k, struct one_session *x) {
    x->due = due_of(k->s, x);
    x->listed = k->s->x->lists && x->fresh;
    enter_due(k, x);
    if (x->listed) enter_fresh(k, x);
}

/* Something of it may be due before its entry comes; x is touched. */
static void look_again(struct session_key *k, struct one_session *x, bool is_new) {
    i64 due = due_of(k->s, x);
    if (is_new || due < x->due) {
        x->due = due;
        enter_due(k, x);
    }
    if (!k->s->x->lists || !x->fresh || x->listed) return;
    x->listed = 1;
    enter_fresh(k, x);
}

/* The session that began at `start`, or that one that did has become a part of. */
static struct one_session *locate_session(const struct session_key *k, i64 start,
                                          struct sorted_place *p) {
    *p = session_find(k, time_add(start, 1));
    struct one_session *x = session_at(k, p);
    return x && x->start <= start ? x : NULL;
}

/* Windows that rows carry may start together: entries of such are for any of them that waits. */
static bool is_meant(const struct one_session *x, const struct due *due) {
    if (x->start != due->what) return false;
    if (due->kind == DUE_END) return x->due == due->at;
    return x->fresh && !x->listed && (due->kind == DUE_TICK || x->over == (due->kind == DUE_LATE));
}

static struct one_session *locate(const struct session_key *k, const struct due *due,
                                  struct sorted_place *p) {
    const struct sessions *s = k->s;
    struct one_session *x;
    if (s->x->spec->shape == SHAPE_SESSION) return locate_session(k, due->what, p);
    bool ends = due->kind == DUE_END;
    *p = ends ? session_find(k, time_sub(due->at, s->lateness)) : (struct sorted_place){ 0 };
    while ((x = session_at(k, p)) && !is_meant(x, due)) p->nth++;
    return x;
}

static struct one_session *locate_fresh(const struct session_key *k,
                                        const struct session_fresh *f) {
    struct sorted_place p;
    struct one_session *x;
    if (k->s->x->spec->shape == SHAPE_SESSION) return locate_session(k, f->start, &p);
    p = session_find(k, f->end);
    while ((x = session_at(k, &p)) && (x->end != f->end || x->start != f->start)) p.nth++;
    return x;
}

/* ---- panes ---- */

static struct pane pane_of(const struct session_key *k, const struct one_session *x,
                           enum window_timing timing) {
    return (struct pane){
        .start = x->start,
        .end = x->end,
        .event_time = time_sub(x->end, 1),
        .number = x->panes,
        .timing = (u8)timing,
        .op = PANE_INSERT,
        .shard = (u16)k->shard,
        .strings = &k->s->keyed.region,
    };
}

/* Due at T, as W rose. */
static struct pane pane_due(const struct session_key *k, const struct one_session *x,
                            enum window_timing timing, i64 due) {
    struct pane p = pane_of(k, x, timing);
    p.stamp = due - 1;
    p.position = POSITION_DUE;
    return p;
}

struct standing *session_standing_new(struct sessions *s, u32 count) {
    u32 size = (u32)sizeof(struct standing_pane) + s->x->ops->acc_size;
    struct standing *p = region_alloc(&s->keyed.region, sizeof *p + (u64)count * size);
    *p = (struct standing){ count, size };
    return p;
}

static struct standing *standing_of(const struct sessions *s, const struct one_session *x) {
    return x->standing ? region_at(&s->keyed.region, x->standing) : NULL;
}

/* Gives the run back; what the accumulators hold has gone on or been dropped. */
static void standing_free(struct sessions *s, u32 offset) {
    struct standing *p = region_at(&s->keyed.region, offset);
    region_free(&s->keyed.region, p, sizeof *p + (u64)p->count * p->size);
}

static void standing_drop(struct sessions *s, u32 offset) {
    if (!offset) return;
    struct standing *p = region_at(&s->keyed.region, offset);
    region_touch_run(&s->keyed.region, p, sizeof *p + (u64)p->count * p->size);
    for (u32 i = 0; i < p->count; i++) acc_clear(s, session_standing(p, i) + 1);
    standing_free(s, offset);
}

/* Those of an older part, then those of a newer one. */
static u32 standing_join(struct sessions *s, u32 older, u32 newer) {
    if (!older || !newer) return older | newer;
    const struct standing *a = region_at(&s->keyed.region, older),
                          *b = region_at(&s->keyed.region, newer);
    struct standing *both = session_standing_new(s, a->count + b->count);
    memcpy(session_standing(both, 0), a + 1, (u64)a->count * a->size);
    memcpy(session_standing(both, a->count), b + 1, (u64)b->count * b->size);
    standing_free(s, older);
    standing_free(s, newer);
    return region_offset(&s->keyed.region, both);
}

/* The pane is all that stands. */
static void stand(struct chain *c, struct session_key *k, struct one_session *x,
                  const struct pane *p) {
    struct standing *all = standing_of(k->s, x);
    if (all && all->count == 1) {
        region_touch_run(&k->s->keyed.region, all, sizeof *all + all->size);
        acc_clear(k->s, session_standing(all, 0) + 1);
    } else {
        standing_drop(k->s, x->standing);
        all = session_standing_new(k->s, 1);
        x->standing = region_offset(&k->s->keyed.region, all);
    }
    struct standing_pane *one = session_standing(all, 0);
    *one = (struct standing_pane){ p->start, p->end, p->number, p->timing };
    acc_copy(c, k->s, one + 1, acc_of(x));
}

/* What stands is taken back; answers what the pane then is. */
static enum pane_op take_back(struct chain *c, const struct session_key *k,
                              const struct one_session *x, const struct pane *pane) {
    const struct standing *all = standing_of(k->s, x);
    enum pane_op op = PANE_INSERT;
    for (u32 i = 0; all && i < all->count; i++) {
        const struct standing_pane *one = session_standing(all, i);
        bool same = one->start == pane->start && one->end == pane->end;
        struct pane p = *pane;
        p.start = one->start;
        p.end = one->end;
        p.event_time = time_sub(one->end, 1);
        p.number = one->number;
        p.timing = (u8)one->timing;
        p.op = same ? PANE_UPDATE_BEFORE : PANE_DELETE;
        k->s->x->ops->emit(c, k->slot, one + 1, &p);
        if (same) op = PANE_UPDATE_AFTER;
    }
    return op;
}

/* Lets the pane out, if there is anything to tell. x is touched. */
static void give(struct chain *c, struct session_key *k, struct one_session *x, struct pane pane) {
    const struct session_shards *all = k->s->x;
    if (!acc_rows(acc_of(x))) return;
    if (all->retracts) pane.op = (u8)take_back(c, k, x, &pane);
    all->ops->emit(c, k->slot, acc_of(x), &pane);
    x->panes++;
    x->fresh = 0;
    if (all->retracts) stand(c, k, x, &pane);
    if (all->spec->mode == WINDOW_DISCARDING) acc_clear(k->s, acc_of(x));
}

static void give_caused(struct chain *c, struct session_key *k, struct one_session *x,
                        enum window_timing timing) {
    struct pane p = pane_of(k, x, timing);
    p.caused = true;
    p.position = c->position;
    p.stamp = c->stamp;
    give(c, k, x, p);
}

/* Of what came due at a row of its key. */
static struct pane at_row(const struct chain *c, struct pane p) {
    p.caused = true;
    p.position = c->position;
    return p;
}

/* W has reached the time at which its state is freed; what no pane has sent is sent. p becomes the
   place of the next one. */
static void end_session(struct chain *c, struct session_key *k, struct sorted_place *p, bool row) {
    struct one_session *x = session_at(k, p);
    touch_session(k, x);
    if (x->fresh) {
        struct pane pane = pane_due(k, x, WINDOW_LATE, freed_at(k->s, x));
        give(c, k, x, row ? at_row(c, pane) : pane);
    }
    standing_drop(k->s, x->standing);
    acc_clear(k->s, acc_of(x));
    take(k, p);
}

/* W has reached its end. */
static void give_on_time(struct chain *c, struct session_key *k, struct one_session *x, bool row) {
    touch_session(k, x);
    x->over = 1;
    x->listed = 0;
    struct pane pane = pane_due(k, x, WINDOW_ON_TIME, x->end);
    give(c, k, x, row ? at_row(c, pane) : pane);
}

/* ---- rows ---- */

/* What is due of a key up to w, behind what watermarks let out: as W rose, at the row at hand. */
static void key_comes_due(struct chain *c, struct session_key *k, i64 w) {
    struct sessions *s = k->s;
    while (w > s->w) {
        struct sorted_place p = session_find(k, time_add(s->w, 1)), q = { 0, 0 };
        struct one_session *x = session_at(k, &p), *oldest = session_at(k, &q);
        while (x && x->over) {
            p.nth++;
            x = session_at(k, &p);
        }
        bool ends = x && time_reached(w, x->end),
             frees = oldest && time_reached(w, freed_at(s, oldest));
        if (!ends && !frees) return;
        if (ends && (x == oldest || !frees || x->end < freed_at(s, oldest)))
            give_on_time(c, k, x, true);
        else
            end_session(c, k, &q, true);
    }
}

/* Sessions that become one, with room for the accumulators of any. */
struct joined {
    struct one_session x;
    u64 acc[PASS_ACC_WORDS];
};

static void join_part(struct chain *c, struct session_key *k, struct joined *j,
                      struct one_session *part) {
    if (part->due < j->x.due) j->x.due = part->due;
    if (part->panes > j->x.panes) j->x.panes = part->panes;
    j->x.fresh += part->fresh;
    j->x.listed |= part->listed;
    j->x.standing = standing_join(k->s, j->x.standing, part->standing);
    touch_session(k, part);
    acc_add(c, k->s, j->acc, acc_of(part));
    acc_clear(k->s, acc_of(part));
}

/* `parts` sessions from p on become one. */
static struct one_session *join_parts(struct chain *c, struct session_key *k,
                                      struct sorted_place *p, u32 parts) {
    struct joined j;
    memcpy(&j, session_at(k, p), k->s->x->record);
    take(k, p);
    while (--parts) {
        join_part(c, k, &j, session_at(k, p));
        take(k, p);
    }
    struct one_session *x = session_put(k, p);
    memcpy(x, &j, k->s->x->record);
    return x;
}

static struct one_session *make(struct session_key *k, struct sorted_place *p) {
    struct one_session *x = session_put(k, p);
    memset(x, 0, k->s->x->record);
    return x;
}

/* How many sessions a row belongs to that alone would be in [*start, *end): from p on. They become
   one, [*start, *end). None: it stands before p. */
static u32 meet(const struct session_key *k, struct sorted_place *p, i64 *start, i64 *end) {
    bool same = k->s->x->spec->shape == SHAPE_SAME;
    const struct one_session *x;
    u32 parts = 0;
    *p = session_find(k, same ? *end : *start);
    if (same) {
        while ((x = session_at(k, p)) && x->end == *end && x->start < *start) p->nth++;
        return x && x->end == *end && x->start == *start;
    }
    i64 from = *start, to = *end;
    for (struct sorted_place q = *p; (x = session_at(k, &q)) && x->start <= to; q.nth++, parts++) {
        if (x->start < from) *start = x->start;
        if (x->end > *end) *end = x->end;
    }
    return parts;
}

bool session_add(struct chain *c, struct sessions *s, u8 *slot, u64 hash, i64 start, i64 end, i64 w,
                 const void *delta) {
    const struct window_spec *spec = s->x->spec;
    struct session_key k = session_key(s, slot, keyed_shard(hash));
    struct sorted_place p;
    key_comes_due(c, &k, w);
    u32 parts = meet(&k, &p, &start, &end);
    if (time_reached(w, time_add(end, s->lateness))) {
        ENSURE(!parts);
        return false;
    }
    struct one_session *x = parts > 1 ? join_parts(c, &k, &p, parts)
                            : parts   ? session_at(&k, &p)
                                      : make(&k, &p);
    touch_session(&k, x);
    x->start = start;
    x->end = end;
    x->over = time_reached(w, end);
    x->fresh = (x->fresh + acc_rows(delta)) & FRESH_MOST;
    acc_add(c, s, acc_of(x), delta);
    if (trigger_rows(x->over ? spec_late_rows(spec) : spec->early.rows, x->fresh))
        give_caused(c, &k, x, x->over ? WINDOW_LATE : WINDOW_EARLY);
    look_again(&k, x, !parts);
    return true;
}

/* ---- the watermark ---- */

/* Which panes by time come, and when. */
struct passed {
    bool tick; /* of the clock */
    bool early, late;
    i64 early_at, late_at;
};

static bool passed_at(const i64 *periods, i64 before, i64 now, i64 *at) {
    __int128 first;
    if (!triggers_passed(periods, before, now, &first)) return false;
    *at = first < TIME_FOREVER ? (i64)first + 1 : TIME_FOREVER;
    return true;
}

static struct passed passed_by_w(const struct sessions *s, i64 w) {
    struct passed t = { 0 };
    t.early = passed_at(s->x->spec->early.time_ns, s->w, w, &t.early_at);
    t.late = passed_at(s->x->spec->late.time_ns, s->w, w, &t.late_at);
    return t;
}

/* They come before all that is due yet. */
static struct passed passed_by_clock(const struct sessions *s, i64 clock) {
    struct passed t = { .tick = true };
    t.early = passed_at(s->x->spec->early.wall_ns, s->clock, clock, &t.early_at);
    t.late = passed_at(s->x->spec->late.wall_ns, s->clock, clock, &t.late_at);
    t.early_at = t.late_at = TIME_NEVER;
    return t;
}

/* The sessions of a shard that have a pane by time are entered in the heap, and leave the list. */
static void enter_panes(struct sessions *s, u32 shard, const struct passed *t, i64 w) {
    struct session_shard *sh = &s->x->shards[shard];
    u32 left = 0;
    for (u32 i = 0; i < sh->fresh_count; i++) {
        struct session_fresh f = sh->fresh[i];
        struct session_key k = key_by_number(s, shard, f.slot);
        struct one_session *x = locate_fresh(&k, &f);
        if (!x || !x->listed) continue;
        bool waits = x->fresh && (x->over || !time_reached(w, x->end));
        if (waits && !(x->over ? t->late : t->early)) {
            sh->fresh[left++] = f;
            continue;
        }
        if (x->fresh && !waits) continue; /* its end comes first, and tells all */
        touch_session(&k, x);
        x->listed = 0;
        struct due due = { x->over ? t->late_at : t->early_at, x->start, f.slot,
                           t->tick   ? DUE_TICK
                           : x->over ? DUE_LATE
                                     : DUE_EARLY };
        if (waits) dues_put(&sh->dues, due, budget_of(s));
    }
    sh->fresh_count = left;
}

static void comes_due(struct chain *c, struct sessions *s, u32 shard) {
    struct session_shard *sh = &s->x->shards[shard];
    struct due due = *dues_first(&sh->dues);
    struct session_key k = key_by_number(s, shard, due.slot);
    struct sorted_place p;
    dues_drop(&sh->dues);
    struct one_session *x = locate(&k, &due, &p);
    if (!x || (due.kind == DUE_END ? x->due != due.at : !x->fresh)) return;
    touch_session(&k, x);
    if (due.kind != DUE_END) {
        i64 at = due.kind == DUE_TICK ? time_add(s->w, 1) : due.at;
        give(c, &k, x, pane_due(&k, x, x->over ? WINDOW_LATE : WINDOW_EARLY, at));
        return;
    }
    if (!x->over && x->end <= due.at) give_on_time(c, &k, x, false);
    x->due = due_of(s, x);
    if (x->due > due.at)
        enter_due(&k, x);
    else
        end_session(c, &k, &p, false);
}

static void comes_due_until(struct chain *c, struct sessions *s, u32 shard, i64 w) {
    const struct dues *dues = &s->x->shards[shard].dues;
    while (dues_first(dues) && dues_first(dues)->at <= w) {
        for (u32 i = 1; i <= DUES_NEXT && i < dues->count; i++)
            __builtin_prefetch(slot_at(s, shard, dues->list[i].slot));
        comes_due(c, s, shard);
    }
}

/* More than half of its keys have no sessions: these leave. By nothing that depends on which task
   has the shard. */
static void evict(struct sessions *s, u32 shard) {
    const struct keyed_range *g = &s->keyed.ranges[shard];
    const struct keyed_ops *ops = &s->x->ops->keyed;
    if (g->used < KEYS_FEW || s->x->shards[shard].live * 2 >= g->used) return;
    u32 slots = keyed_slots(g);
    u64 *keep = calloc((slots + 63) / 64, sizeof *keep);
    ENSURE(keep);
    for (u32 i = 0; i < slots; i++) {
        u64 live = SESSION_COUNT(keyed_rows(g->at + (u64)i * ops->slot_size, ops)) != 0;
        keep[i / 64] |= live << i % 64;
    }
    keyed_evict(&s->keyed, ops, shard, keep);
    free(keep);
}

static void session_watermark(struct chain *c, void *state, const void *ops, i64 w, i64 clock) {
    struct sessions *s = state;
    struct passed by_w = passed_by_w(s, w), by_clock = passed_by_clock(s, clock);
    bool rose = w > s->w;
    (void)ops;
    for (u32 i = s->keyed.first; i < s->keyed.first + s->keyed.count; i++) {
        if (by_w.early || by_w.late) enter_panes(s, i, &by_w, w);
        if (rose) comes_due_until(c, s, i, w);
        if (by_clock.early || by_clock.late) {
            enter_panes(s, i, &by_clock, w);
            comes_due_until(c, s, i, TIME_NEVER);
        }
        evict(s, i);
    }
    if (rose) s->w = w;
    if (clock > s->clock) s->clock = clock;
}

/* ---- opening and closing ---- */

static void moved(void *self, u32 shard, const u32 *to, u32 before) {
    struct sessions *s = self;
    struct session_shard *sh = &s->x->shards[shard];
    u32 left = 0;
    (void)before;
    dues_moved(&sh->dues, to);
    for (u32 i = 0; i < sh->fresh_count; i++) {
        struct session_fresh f = sh->fresh[i];
        f.slot = to[f.slot];
        if (f.slot != KEYED_GONE) sh->fresh[left++] = f;
    }
    sh->fresh_count = left;
}

static int session_open(void *state, const struct window_spec *spec, const void *window_ops,
                        u32 first, u32 count, u64 hash_key, struct budget *budget) {
    struct sessions *s = state;
    const struct window_ops *ops = window_ops;
    ENSURE(ops->acc_size % 8 == 0 && ops->acc_size && ops->acc_size <= PASS_ACC_WORDS * 8);
    ENSURE(ops->keyed.slot_size >= SESSION_SLOT(ops->keyed.acc_at, ops->acc_size));
    *s = (struct sessions){ .gap = spec->size_ns, .lateness = spec->lateness_ns };
    s->w = s->clock = TIME_NEVER;
    if (keyed_open(&s->keyed, &ops->keyed, first, count, hash_key, budget) < 0) return -1;
    s->x = calloc(1, sizeof *s->x);
    ENSURE(s->x);
    const struct triggers *early = &spec->early, *late = &spec->late;
    s->x->ops = ops;
    s->x->spec = spec;
    s->x->record = (u32)sizeof(struct one_session) + ops->acc_size;
    s->x->lists = early->time_ns[0] || early->wall_ns[0] || late->time_ns[0] || late->wall_ns[0];
    s->x->retracts = spec->mode == WINDOW_RETRACTING;
    s->plain = !s->x->lists && !early->rows;
    s->keyed.moved = moved;
    s->keyed.self = s;
    return 0;
}

static void session_close(void *state) {
    struct sessions *s = state;
    for (u32 i = 0; s->x && i < KEYED_SHARDS; i++) {
        dues_fini(&s->x->shards[i].dues, budget_of(s));
        free(s->x->shards[i].fresh);
    }
    free(s->x);
    s->x = NULL;
    keyed_close(&s->keyed);
}

static struct region *session_region(void *state) {
    return &((struct sessions *)state)->keyed.region;
}

/* Rows that no pane has sent, of sessions that W has not reached the end of. */
static u64 session_open_rows(const void *state) {
    struct sessions *s = (struct sessions *)state;
    u64 rows = 0;
    for (u32 i = s->keyed.first; i < s->keyed.first + s->keyed.count; i++)
        for (u32 n = 0; n < keyed_slots(&s->keyed.ranges[i]); n++) {
            struct session_key k = key_by_number(s, i, n);
            struct sorted_place p = { 0, 0 };
            for (const struct one_session *x; (x = session_at(&k, &p)); p.nth++)
                if (!x->over) rows += x->fresh;
        }
    return rows;
}

const struct keeper session_keeper = {
    .bytes = sizeof(struct sessions),
    .open = session_open,
    .close = session_close,
    .watermark = session_watermark,
    .region = session_region,
    .save = session_save,
    .restore = session_restore,
    .restored = session_restored,
    .open_rows = session_open_rows,
};
