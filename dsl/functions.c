#include "dsl/functions.h"

#include <string.h>

const struct function functions[FUNCTION_COUNT] = {
#define FUNCTION(id, name, args, result, form, c_name, doc)                                        \
    { id, name, args, result, FUNCTION_##form, c_name, doc },
#include "dsl/functions.def"
#undef FUNCTION
};

const struct aggregate_def aggregates[] = {
#define AGGREGATE(name, kind, doc) { name, kind, false, doc },
#define LATER(name, doc) { name, AGG_COUNT, true, doc },
#include "dsl/aggregates.def"
#undef AGGREGATE
#undef LATER
};
const u32 aggregate_count = sizeof aggregates / sizeof *aggregates;

const struct function *function_find(const char *name) {
    for (u32 i = 0; i < FUNCTION_COUNT; i++)
        if (!strcmp(functions[i].name, name)) return &functions[i];
    return NULL;
}

bool function_takes(const struct function *f, u32 count, struct function_arg *args) {
    u32 n = 0;
    for (const char *at = f->args; *at;) {
        struct function_arg arg = { .letter = *at++ };
        if (*at == '?') {
            arg.takes_null = true;
            at++;
        }
        if (n == count) return false;
        args[n++] = arg;
        if (*at != '*') continue;
        at++;
        while (n < count) args[n++] = arg;
    }
    return n == count;
}

enum type_kind function_letter_type(char letter) {
    switch (letter) {
    case 'b':
        return TYPE_BOOL;
    case 'i':
        return TYPE_I64;
    case 'u':
        return TYPE_U64;
    case 'f':
        return TYPE_F64;
    case 's':
    case 'R':
    case 'F':
    case 'U':
    case 'P':
        return TYPE_STRING;
    case 't':
        return TYPE_TIMESTAMP;
    case 'd':
    case 'D':
        return TYPE_DURATION;
    case 'L':
        return TYPE_LIST;
    default:
        return TYPE_NONE; /* letters, not an enum of ours */
    }
}

bool function_may_fail(const struct function *f) {
    return f->result[0] && f->result[1] == '?';
}

const struct aggregate_def *aggregate_find(const char *name) {
    for (u32 i = 0; i < aggregate_count; i++)
        if (!strcmp(aggregates[i].name, name)) return &aggregates[i];
    return NULL;
}
