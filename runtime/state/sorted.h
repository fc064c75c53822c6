/* Records of one size in the order of the i64 that each begins with, equals in the order that their
   owner puts them in: what a key remembers where that may be many. Few lie in one page of the
   region; more in pages that a directory lists, so that a record is found, put and taken in time
   that hardly grows with their number. What names them is 8 bytes; whoever owns those touches them,
   and touches a record before he writes to it. One worker at a time. */
#ifndef RUNTIME_STATE_SORTED_H
#define RUNTIME_STATE_SORTED_H

#include "runtime/base/base.h"
#include "runtime/state/region.h"

struct sorted {
    u32 at;    /* offset of a page or of the directory; 0: there are none */
    u32 count; /* records */
};

/* Where a record is, or where one would be: good until the next put or take. */
struct sorted_place {
    u32 page, nth;
};

/* The records of an owner, and how they lie. */
struct sorted_set {
    struct region *region;
    struct sorted *of;
    u32 size; /* of a record: a multiple of 8 */
};

/* The place of the first record whose order is not below `least`; behind all if there is none. */
struct sorted_place sorted_find(const struct sorted_set *s, i64 least);

/* The record there, null behind all; the place may then be one behind its page's last record, and
   comes to be the next page's first. */
u8 *sorted_at(const struct sorted_set *s, struct sorted_place *p);

/* Room for a record before the one at p, touched; its bytes are up to the caller. p becomes its
   place. */
u8 *sorted_put(struct sorted_set *s, struct sorted_place *p);

/* Takes the record at p away; p becomes the place of the one behind it. */
void sorted_take(struct sorted_set *s, struct sorted_place *p);

/* Takes all away. */
void sorted_clear(struct sorted_set *s);

/* Is the sorted in `image`, the `bytes` of the region it was in, whole and in order? Everything
   here but put, take and clear may then be asked of it. */
bool sorted_is_sound(const struct sorted *of, u32 size, const u8 *image, u64 bytes);

#endif
