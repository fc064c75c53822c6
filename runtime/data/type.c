#include "runtime/data/type.h"

#include <stdio.h>

static const struct {
    const char *name;
    u8 bits;
    bool is_integer, is_signed;
} kinds[] = {
    [TYPE_NONE] = { "?", 0, false, false },
    [TYPE_NULL] = { "null", 0, false, false },
    [TYPE_BOOL] = { "bool", 8, false, false },
    [TYPE_I8] = { "i8", 8, true, true },
    [TYPE_I16] = { "i16", 16, true, true },
    [TYPE_I32] = { "i32", 32, true, true },
    [TYPE_I64] = { "i64", 64, true, true },
    [TYPE_U8] = { "u8", 8, true, false },
    [TYPE_U16] = { "u16", 16, true, false },
    [TYPE_U32] = { "u32", 32, true, false },
    [TYPE_U64] = { "u64", 64, true, false },
    [TYPE_F32] = { "f32", 32, false, true },
    [TYPE_F64] = { "f64", 64, false, true },
    [TYPE_STRING] = { "string", 128, false, false },
    [TYPE_TIMESTAMP] = { "timestamp", 64, false, true },
    [TYPE_DURATION] = { "duration", 64, false, true },
    [TYPE_ENUM] = { "enum", 8, false, false },
    [TYPE_LIST] = { "list<string>", 128, false, false },
};

bool type_same_kind(struct type a, struct type b) {
    return a.kind == b.kind && (a.kind != TYPE_ENUM || a.of == b.of);
}

bool type_equal(struct type a, struct type b) {
    return type_same_kind(a, b) && a.nullable == b.nullable;
}

bool type_is_integer(enum type_kind kind) {
    return kinds[kind].is_integer;
}
bool type_is_signed(enum type_kind kind) {
    return kinds[kind].is_integer && kinds[kind].is_signed;
}
bool type_is_number(enum type_kind kind) {
    return kinds[kind].is_integer || kind == TYPE_F32 || kind == TYPE_F64;
}
u32 type_bits(enum type_kind kind) {
    return kinds[kind].bits;
}

u32 type_size(struct type type) {
    if (type.kind == TYPE_ENUM) return type.of->count > 256 ? 2 : 1;
    return kinds[type.kind].bits / 8;
}

const char *type_kind_name(enum type_kind kind) {
    return kinds[kind].name;
}

const char *type_name(struct type type, char *room) {
    const char *name = type.kind == TYPE_ENUM ? type.of->name : kinds[type.kind].name;
    snprintf(room, 128, "%.120s%s", name, type.nullable ? "?" : "");
    return room;
}
