/* What the files of the physical plan share: the plan in the making, and its steps in their order.
 */
#ifndef DSL_PHYSICAL_INTERNAL_H
#define DSL_PHYSICAL_INTERNAL_H

#include "dsl/physical.h"

struct planner {
    struct arena *arena;
    const struct logical *logical;
    struct physical *plan;
};

/* Which columns somebody reads, from the sinks back to the sources (physical_used.c). */
void plan_used(struct planner *p);
/* By number of the aggregate: is it used by an item that is used? */
void plan_aggs_used(const struct physical *plan, const struct lop *op, bool *used);

/* The values that a stage takes, and a window's accumulators (physical_values.c). */
void plan_values(struct planner *p, struct pstage *stage);

/* The layout of an edge's rows; to and from, input and route are set (physical_row.c). */
void plan_row(struct planner *p, struct pedge *edge);

/* Where a source's marks stand, and where the clock's ticks come (physical_bounds.c). */
void plan_bounds(struct planner *p, struct psource *source);

/* Has the stage several live inputs for one source? */
bool pstage_merges(const struct physical *plan, const struct pstage *stage);

#endif
