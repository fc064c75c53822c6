/* `partition: [day, hour]` of a sink: which columns of its rows name a folder. */
#include "dsl/check_internal.h"

#include <string.h>

static i32 column_named(const struct schema *rows, const char *name) {
    for (u32 i = 0; i < rows->count; i++)
        if (!strcmp(rows->columns[i].name, name)) return (i32)i;
    return -1;
}

static bool no_such_column(struct checker *c, const struct schema *rows, const struct ast_expr *e) {
    const char *names[64];
    u32 count = 0;
    while (count < rows->count && count < 64) {
        names[count] = rows->columns[count].name;
        count++;
    }
    struct diag *d =
        diag_error(c->diags, E0503, e->span, "no column `%s` to partition by", e->name);
    const char *near = diag_nearest(e->name, names, count);
    if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
    return false;
}

static bool partition_column(struct checker *c, const struct schema *rows, const struct ast_expr *e,
                             struct partition *out) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    i32 column = column_named(rows, e->name);
    if (column < 0) return no_such_column(c, rows, e);
    if (partition_has(out, (u32)column)) {
        diag_error(c->diags, E0205, e->span, "`%s` is said twice", e->name);
        return false;
    }
    if (e->name[strspn(e->name, plain)] || rows->columns[column].type.kind == TYPE_LIST) {
        struct diag *d = diag_error(c->diags, E0503, e->span, "`%s` cannot name a folder", e->name);
        diag_help(c->diags, d, "it is a column that is no list, called by letters, digits and `_`");
        return false;
    }
    out->columns[out->count++] = (u32)column;
    return true;
}

bool partition_check(struct checker *c, const struct ast_call *call, const struct schema *rows,
                     struct partition *out) {
    const struct ast_expr *list = NULL;
    for (u32 i = 0; i < call->options.count; i++)
        if (!strcmp(call->options.at[i].name.text, "partition")) list = call->options.at[i].value;
    if (!list) return true;
    out->columns = arena_alloc(c->arena, list->list.count * sizeof *out->columns);
    for (u32 i = 0; i < list->list.count; i++)
        if (!partition_column(c, rows, list->list.at[i], out)) return false;
    if (out->count < rows->count) return true;
    diag_error(c->diags, E0503, list->span, "`partition` leaves no column for the files");
    return false;
}
