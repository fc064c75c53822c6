/* Rewriting of the logical plan: what makes it smaller without changing a row. Each rule may be
 * left out. */
#ifndef DSL_RULES_H
#define DSL_RULES_H

#include "dsl/logical.h"

/* Columns that nobody reads, hidden ones too, go, from the sinks up. Of a source they only lose
   `used`: its schema is the file's. Columns of a looked-up table and of a union stay: their places
   are told by position. */
void rule_drop_columns(struct logical *plan, struct arena *arena);

/* Two projections, one right behind the other, become one, where nothing would be computed twice.
 */
void rule_merge_projects(struct logical *plan, struct arena *arena);

#endif
