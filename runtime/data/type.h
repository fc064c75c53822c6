/* Types and schemas: what a column is, before and after compilation. A type is a small value (no
   allocation); an enum's members and names are compared by the declaration that `of` points at. The
   compiler builds schemas; connectors see them only to check what they can carry. Layout in memory
   (natural alignment, little endian) is what `format: binary` documents. */
#ifndef RUNTIME_DATA_TYPE_H
#define RUNTIME_DATA_TYPE_H

#include "runtime/base/base.h"

enum type_kind {
    TYPE_NONE, /* of an expression that was refused: suppresses follow-up errors */
    TYPE_NULL, /* the literal null: takes any nullable type */
    TYPE_BOOL,
    TYPE_I8,
    TYPE_I16,
    TYPE_I32,
    TYPE_I64,
    TYPE_U8,
    TYPE_U16,
    TYPE_U32,
    TYPE_U64,
    TYPE_F32,
    TYPE_F64,
    TYPE_STRING,
    TYPE_TIMESTAMP, /* i64 ns since 1970 UTC */
    TYPE_DURATION,  /* i64 ns */
    TYPE_ENUM,      /* u8 up to 256 members, else u16; the value is the member's index */
    TYPE_LIST,      /* of strings: only as what `explode` takes apart in this version */
};

struct type_enum {
    const char *name;
    const char *const *members; /* in declared order */
    u32 count;
};

struct type {
    enum type_kind kind;
    bool nullable;
    const struct type_enum *of; /* TYPE_ENUM only */
};

struct column {
    const char *name;
    struct type type;
};

struct schema {
    struct column *columns;
    u32 count;
};

bool type_equal(struct type a, struct type b);     /* kind, enum and nullability */
bool type_same_kind(struct type a, struct type b); /* nullability aside */
bool type_is_integer(enum type_kind kind);         /* i8..u64 */
bool type_is_signed(enum type_kind kind);          /* i8..i64 */
bool type_is_number(enum type_kind kind);          /* integers, f32, f64 */
u32 type_bits(enum type_kind kind);                /* of integers and floats */
u32 type_size(struct type type); /* bytes of the value in a row; a string counts 16 (struct str) */
const char *type_kind_name(enum type_kind kind); /* as written in the language: "i64" */
/* The name as written, with `?` when nullable; room must hold 128 bytes. Returns room. */
const char *type_name(struct type type, char *room);

#endif
