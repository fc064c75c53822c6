/* Windows of several slices whose aggregates have no inverse and no contents: instead of merging
   all slices of a window each time one fires, parts of it stay merged from one firing to the next.

   Slices are counted off in blocks of half a window (half the span, rounded up), so a window is the
   end of one block, the front, all or most of the next, and maybe the beginning of a third:

       front: slices from the window's first on, merged from the block's last backwards: a stack
              that remembers what each slice found, so that the first slice can leave
       back:  the slices of the two blocks behind, merged forwards as they come

   and what fires is (front + back[0]) + back[1]. While the front dwindles, the stack of the next
   block is built under it, as many slices a firing as the window moves, so no firing merges much
   more than another: of each slice and slot two merges, one each in the back and in the stack, and
   two as a window fires, however many slices it has.

   Hence the order of merging, which floats can see, depends on the numbers of the slices and on
   what is in them alone. All of this is derived: it lies in a region that snapshots do not know
   (slices.aside), and is made anew, bit for bit, from the slices when it is not there. */
#ifndef RUNTIME_STAGE_WINDOW_FOLD_H
#define RUNTIME_STAGE_WINDOW_FOLD_H

#include "runtime/base/base.h"
#include "runtime/state/parts.h"

struct chain;
struct pane;
struct window;

/* Slices of a block, merged from its end. */
struct fold_stack {
    u8 *sum;           /* by slot; null: nothing */
    struct parts undo; /* what sum was before it took a slice, by ~slice: an array, which is all of
                          it, or a list of those slots that the slice has */
};

struct fold {
    bool any;      /* false: nothing is folded */
    i64 low, high; /* closed slices [low, high) are in it, */
    i64 end;       /* those from here on in back */
    i64 built;     /* and closed ones from here to the end of the next block in next, too */
    struct fold_stack front, next;
    u8 *back[2];
};

void fold_init(struct window *w, u32 shard);
void fold_drop(struct window *w, u32 shard);

/* The window that begins with slice low is about to fire, and slice `fill`, which is in it or
   behind it, ends: where it is to be merged into as it does, touched; null: nowhere, the closed
   slice is asked for later. */
u8 *fold_fill(struct chain *c, struct window *w, u32 shard, i64 low, i64 fill);

/* Lets out the panes of the window of closed slices [low, high); they are complete. */
void fold_fire(struct chain *c, struct window *w, u32 shard, i64 low, i64 high,
               const struct pane *pane);

/* Slices before low are about to go. */
void fold_forget(struct window *w, u32 shard, i64 low);

/* A row has come to a slot of a closed slice. */
void fold_row(struct chain *c, struct window *w, u32 shard, u32 slot, i64 slice);

/* What a slot has in the window of slices [low, high), merged in the same order. */
void fold_look(struct chain *c, struct window *w, u32 shard, u32 slot, i64 low, i64 high,
               void *acc);

/* The slots of the shard have moved (keyed.h). */
void fold_moved(struct window *w, u32 shard, const u32 *to, u32 before);

#endif
