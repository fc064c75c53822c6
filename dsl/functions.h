/* The catalogue of scalar functions and of aggregates: what the checker resolves calls with and the
   emitter emits them by. Everything here comes from functions.def and aggregates.def; a new
   function is a line there (and, if its form is INLINE, a case in the emitter). */
#ifndef DSL_FUNCTIONS_H
#define DSL_FUNCTIONS_H

#include "dsl/typed.h"

enum function_id {
#define FUNCTION(id, name, args, result, form, c_name, doc) id,
#include "dsl/functions.def"
#undef FUNCTION
    FUNCTION_COUNT
};

enum function_form {
    FUNCTION_CALL,
    FUNCTION_SCRATCH,
    FUNCTION_OUT,
    FUNCTION_INLINE,
    FUNCTION_LIST,
    FUNCTION_OPERATOR,
    FUNCTION_LATER,
};

struct function {
    enum function_id id;
    const char *name;
    const char *args; /* letters, see functions.def */
    const char *result;
    enum function_form form;
    const char *c_name; /* "" if it has none */
    const char *doc;
};

extern const struct function functions[FUNCTION_COUNT];

/* The first signature of that name, or null; the others follow it. */
const struct function *function_find(const char *name);

/* The letter of argument i of a call with count arguments, and whether null is passed on. False:
   the signature does not take count arguments. */
struct function_arg {
    char letter;
    bool takes_null;
};
bool function_takes(const struct function *f, u32 count, struct function_arg *args);

/* The type that a letter stands for alone; TYPE_NONE for N and T. The constants R, F, U are
 * strings, D is a duration. */
enum type_kind function_letter_type(char letter);

bool function_may_fail(const struct function *f);

struct aggregate_def {
    const char *name;
    enum agg_kind kind;
    bool later; /* not supported yet */
    const char *doc;
};

extern const struct aggregate_def aggregates[];
extern const u32 aggregate_count;

const struct aggregate_def *aggregate_find(const char *name);

#endif
