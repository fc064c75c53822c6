/* What a condition says of null. A column is known after `where E` if E cannot be true while it is
   null: x of `x is not null`, and whatever stands as an operand of a comparison, `between` or `in`,
   since null in is null out. */
#include "dsl/check_internal.h"

#include <stdlib.h>
#include <string.h>

/* The column whose null would make e null: through casts, which give null for null. */
static void know(const struct texpr *e, bool *columns) {
    while (e->kind == TEXPR_CAST) e = e->args[0];
    if (e->kind == TEXPR_COLUMN) columns[e->column] = true;
}

static void implied(const struct rows *rows, const struct texpr *e, bool truth, bool *columns);

/* Of `a and b` being true both hold; of its being false only what either says. */
static void implied_by_two(const struct rows *rows, const struct texpr *e, bool truth,
                           bool *columns) {
    u32 count = rows->schema.count;
    if ((e->op == OP_AND) == truth) {
        implied(rows, e->args[0], truth, columns);
        implied(rows, e->args[1], truth, columns);
        return;
    }
    bool *left = calloc(count + 1, 2), *right = left + count;
    if (!left) abort();
    implied(rows, e->args[0], truth, left);
    implied(rows, e->args[1], truth, right);
    for (u32 i = 0; i < count; i++) columns[i] = columns[i] || (left[i] && right[i]);
    free(left);
}

static bool is_comparison(enum texpr_op op) {
    return op >= OP_EQUAL && op <= OP_GREATER_EQUAL;
}

static void implied(const struct rows *rows, const struct texpr *e, bool truth, bool *columns) {
    if (e->kind == TEXPR_IS_NULL && e->negated == truth) know(e->args[0], columns);
    if (e->kind == TEXPR_COLUMN || e->kind == TEXPR_IN)
        know(e->kind == TEXPR_IN ? e->args[0] : e, columns);
    if (e->kind == TEXPR_UNARY && e->op == OP_NOT) implied(rows, e->args[0], !truth, columns);
    if (e->kind != TEXPR_BINARY) return;
    if (e->op == OP_AND || e->op == OP_OR) implied_by_two(rows, e, truth, columns);
    if (!is_comparison(e->op)) return;
    know(e->args[0], columns);
    know(e->args[1], columns);
}

/* A field that is not null makes its record be there, and so all fields that the table does not let
 * be null. */
static void know_records(const struct rows *rows, bool *columns) {
    for (u32 f = 0; f < rows->field_count; f++) {
        const struct field *field = &rows->fields[f];
        if (!field->record || field->record->matched < 0) continue;
        bool *matched = &columns[field->record->matched];
        for (u32 i = 0; i < field->count; i++) *matched = *matched || columns[field->first + i];
        for (u32 i = 0; *matched && i < field->count; i++)
            if (!field->record->types[i].nullable) columns[field->first + i] = true;
    }
}

void narrow(const struct rows *rows, const struct texpr *e, bool *columns) {
    implied(rows, e, true, columns);
    know_records(rows, columns);
}

struct scope scope_where(const struct scope *s, const struct texpr *e, struct known *room) {
    struct scope inner = *s;
    if (!s->rows || !s->rows->schema.count) return inner;
    bool *columns = arena_alloc(s->c->arena, s->rows->schema.count);
    narrow(s->rows, e, columns);
    *room = (struct known){ .outer = s->known, .columns = columns };
    inner.known = room;
    return inner;
}
