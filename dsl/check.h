/* From trees to a plan: the second half of understanding a job. check_typed resolves names, types,
   nulls, keys, windows and options, and collects what is wrong (E02.. to E05.., warnings); its
   result holds every stage of every stream, as written: `explain --show typed`. logical_plan keeps
   what a sink can be reached from and applies the rules
   (`--show logical`). check_job is both.
       struct logical *job = parse.diags.error_count ? NULL : check_job(&parse, &parse.diags, sets,
   n, &arena); if (!job) ...diag_print... One thread; everything lives in the arena. */
#ifndef DSL_CHECK_H
#define DSL_CHECK_H

#include "dsl/parse.h"
#include "dsl/typed.h"

/* `--set name=value` */
struct param_setting {
    const char *name;
    const char *value;
};

/* Null if there were errors; warnings may be there either way. The texts must have been parsed
   without errors. A param that only connector options use needs no value here: it is bound when the
   job starts. */
struct logical *check_typed(struct parse *parse, struct diags *diags,
                            const struct param_setting *sets, u32 count, struct arena *arena);

/* What runs, pruned. Never fails. The typed form stays as it is. */
struct logical *logical_plan(const struct logical *typed, struct arena *arena);

struct logical *check_job(struct parse *parse, struct diags *diags,
                          const struct param_setting *sets, u32 count, struct arena *arena);

/* "exactly_once", "at_least_once"; "" if it is not set. And back; false: there is none such. */
const char *guarantee_name(enum job_guarantee guarantee);
bool guarantee_find(const char *word, u64 size, enum job_guarantee *out);

/* `--show typed` and `--show logical`. Stable, complete, without places. */
void typed_print(const struct logical *typed, struct text_buf *to);
void logical_print(const struct logical *plan, struct text_buf *to);
/* Its triggers and its mode; are they what they are if nothing is said? */
bool panes_are_plain(const struct twindow *w);
void panes_print(const struct twindow *w, struct text_buf *to);
void texpr_print(const struct texpr *e, const struct schema *schema, struct text_buf *to);
/* "top 3 by price desc": over the schema of the rows that come in. */
void rows_print(const struct trows *rows, const struct schema *in, struct text_buf *to);

#endif
