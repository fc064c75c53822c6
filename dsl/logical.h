/* The logical plan as a graph: what runs of what was checked. */
#ifndef DSL_LOGICAL_H
#define DSL_LOGICAL_H

#include "dsl/check.h"

/* The sources and tables that the operators of a plan use, as written. */
void logical_declared(struct logical *plan, struct arena *arena);

/* The schema of the rows that an operator gives at a port: port 1 of an aggregate is what came in,
   of a source its malformed rows. *hidden: how many columns at its end are hidden. */
struct schema lop_port_schema(const struct lop *op, u32 port, u32 *hidden);

#endif
