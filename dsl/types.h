/* What the language says about pairs of types: which widen into which, which type two operands meet
   in, what a cast can do. Nullability is left to the caller but where a function says so. Values,
   no state. */
#ifndef DSL_TYPES_H
#define DSL_TYPES_H

#include "runtime/data/type.h"

ALWAYS_INLINE struct type type_of(enum type_kind kind) {
    return (struct type){ .kind = kind };
}
ALWAYS_INLINE struct type type_nullable(struct type type, bool nullable) {
    type.nullable = nullable;
    return type;
}

/* A value of `from` is a value of `to` without being asked: the same, or wider. */
bool type_widens(struct type from, struct type to);

/* The type that both widen into; false if there is none. */
bool type_common(struct type a, struct type b, struct type *common);

enum cast_answer {
    CAST_NEVER,    /* there is no such cast */
    CAST_ALWAYS,   /* every value has one */
    CAST_MAY_FAIL, /* null where it has none */
};
enum cast_answer type_cast(struct type from, struct type to);

/* The whole number -magnitude or +magnitude is a value of this integer type. */
bool type_holds(enum type_kind kind, bool negative, u64 magnitude);

bool type_is_float(enum type_kind kind);
/* Values of it can be compared, be keys, be smaller or larger. */
bool type_is_scalar(enum type_kind kind);

/* The member's index, or -1. */
i32 type_enum_member(const struct type_enum *of, const char *name, u64 size);

#endif
