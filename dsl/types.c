#include "dsl/types.h"

#include <string.h>

bool type_is_float(enum type_kind kind) {
    return kind == TYPE_F32 || kind == TYPE_F64;
}

bool type_is_scalar(enum type_kind kind) {
    return kind != TYPE_NONE && kind != TYPE_NULL && kind != TYPE_LIST;
}

static bool integer_widens(enum type_kind from, enum type_kind to) {
    if (type_is_signed(from) && !type_is_signed(to)) return false;
    return type_bits(to) > type_bits(from);
}

bool type_widens(struct type from, struct type to) {
    if (type_same_kind(from, to)) return true;
    if (type_is_integer(from.kind) && type_is_integer(to.kind))
        return integer_widens(from.kind, to.kind);
    if (type_is_integer(from.kind) && type_is_float(to.kind)) return true;
    return from.kind == TYPE_F32 && to.kind == TYPE_F64;
}

/* u8 and i8 meet in i16, which is neither. */
static bool meet_in_wider(struct type a, struct type b, struct type *common) {
    static const enum type_kind wider[] = { TYPE_I16, TYPE_I32, TYPE_I64 };
    for (u32 i = 0; i < sizeof wider / sizeof *wider; i++) {
        *common = type_of(wider[i]);
        if (type_widens(a, *common) && type_widens(b, *common)) return true;
    }
    return false;
}

bool type_common(struct type a, struct type b, struct type *common) {
    bool nullable = a.nullable || b.nullable;
    bool met = true;
    if (type_widens(a, b))
        *common = b;
    else if (type_widens(b, a))
        *common = a;
    else
        met = type_is_integer(a.kind) && type_is_integer(b.kind) && meet_in_wider(a, b, common);
    common->nullable = nullable;
    return met;
}

static enum cast_answer number_cast(enum type_kind from, enum type_kind to) {
    if (!type_is_number(to)) return CAST_NEVER;
    return type_widens(type_of(from), type_of(to)) ? CAST_ALWAYS : CAST_MAY_FAIL;
}

enum cast_answer type_cast(struct type from, struct type to) {
    if (from.kind == TYPE_LIST || to.kind == TYPE_LIST) return CAST_NEVER;
    if (type_same_kind(from, to) || to.kind == TYPE_STRING) return CAST_ALWAYS;
    if (from.kind == TYPE_STRING) return CAST_MAY_FAIL;
    if (type_is_number(from.kind)) return number_cast(from.kind, to.kind);
    if (from.kind == TYPE_BOOL && type_is_integer(to.kind)) return CAST_ALWAYS;
    return CAST_NEVER;
}

bool type_holds(enum type_kind kind, bool negative, u64 magnitude) {
    u32 bits = type_bits(kind);
    if (!type_is_signed(kind))
        return negative ? magnitude == 0 : bits == 64 || magnitude >> bits == 0;
    u64 limit = 1ull << (bits - 1);
    return negative ? magnitude <= limit : magnitude < limit;
}

i32 type_enum_member(const struct type_enum *of, const char *name, u64 size) {
    for (u32 i = 0; i < of->count; i++)
        if (strlen(of->members[i]) == size && !memcmp(of->members[i], name, size)) return (i32)i;
    return -1;
}
