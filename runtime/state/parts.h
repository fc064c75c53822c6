/* Accumulators that stand beside the slots of a shard: by number (of a slice, of a window), then by
   slot. A part is one number's: an array in the order of the slots, or, where few slots have
   anything, a list of (u64 slot, accumulators), kept in order but for a short tail. Which form it
   has is its own affair and changes no result. Accumulators begin with `u64 rows`; all zero is
   "nothing". Memory is the region's. */
#ifndef RUNTIME_STATE_PARTS_H
#define RUNTIME_STATE_PARTS_H

#include "runtime/base/base.h"
#include "runtime/state/keyed.h"

struct part {
    i64 number;
    u64 rows;   /* sum over its accumulators */
    u32 at;     /* offset of the array or list; 0: none yet */
    u32 room;   /* array: slots of the shard; list: entries there is room for */
    u32 count;  /* list: entries. array: not kept */
    u32 sorted; /* list: so many are in order of slots; the rest is the tail */
    bool array;
};

/* The parts of one shard, by rising number. Those that are dropped in front cost nothing. */
struct parts {
    struct part *at;
    u32 count, room, skipped; /* room: parts there is memory for, those dropped in front included */
    u32 acc_size;
    bool fixed; /* a part keeps the form that it was made in, until it is dropped */
    struct region *region;
    void (*drop)(void *at, struct region *region); /* of accumulators that go, if not null: */
    u32 drop_at;                                   /* ... is given what begins here in them */
};

void parts_init(struct parts *p, struct region *region, u32 acc_size);
void parts_fini(struct parts *p); /* the list alone: the region goes with its owner */

/* Index of the first part whose number is not below `number`; count if there is none. */
u32 parts_first(const struct parts *p, i64 number);

/* The part of `number`, or null. Good until the next put or drop. */
struct part *parts_find(const struct parts *p, i64 number);

/* The same, made empty if it is not there. */
struct part *parts_put(struct parts *p, i64 number);

/* Drops the parts [from, to). */
void parts_drop(struct parts *p, u32 from, u32 to);

/* A part goes whose accumulators were copied to another place, which has them now. */
void parts_moved_out(struct parts *p, struct part *part);

/* The accumulators of a slot, made (all zero) if need be; touched. slots: of the shard. Whoever
   adds rows to them adds them to part->rows. Good until the next call. */
u8 *part_acc(struct parts *p, struct part *part, u32 slots, u32 slot);

/* The same to look at, null if there are none. */
const u8 *part_look(const struct parts *p, const struct part *part, u32 slot);

/* Takes over an array of `slots` accumulators from the region, of which `filled` have rows; part
 * must be empty. */
void part_take(struct parts *p, struct part *part, u8 *array, u32 slots, u32 filled, u64 rows);

/* Takes over a list of as many entries, which the caller fills in, as they came from another
   region. Returns them; null if there are none. part must be empty. */
u8 *part_make_list(struct parts *p, struct part *part, u32 count, u32 sorted, u64 rows);

/* Gives an array up to the caller; the part is empty then. */
u8 *part_give(struct parts *p, struct part *part);

/* Makes a list an array. */
void part_make_array(struct parts *p, struct part *part, u32 slots);

/* The array, null for a list. */
u8 *part_array(const struct parts *p, const struct part *part);

/* A list's entries, in order of slots. */
const u8 *part_list(struct parts *p, struct part *part);

/* The slots of the shard have moved (keyed.h): there were `before` and are `slots` now. */
void parts_moved(struct parts *p, const u32 *to, u32 before, u32 slots);

#endif
