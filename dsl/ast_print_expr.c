#include <inttypes.h>
#include <string.h>

#include "dsl/ast_print.h"

void ast_put_name(struct text_buf *to, const char *name) {
    bool plain = *name && !(*name >= '0' && *name <= '9');
    for (const char *c = name; *c; c++)
        plain = plain && (*c == '_' || (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                          (*c >= 'a' && *c <= 'z'));
    text_buf_printf(to, plain ? "%s" : "`%s`", name);
}

void ast_put_string(struct text_buf *to, struct str string) {
    text_buf_str(to, "\"");
    for (u64 i = 0; i < string.size; i++) {
        u8 c = (u8)string.at[i];
        if (c == '\n')
            text_buf_str(to, "\\n");
        else if (c == '"' || c == '\\')
            text_buf_printf(to, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            text_buf_printf(to, "\\x%02x", c);
        else
            text_buf_put(to, &c, 1);
    }
    text_buf_str(to, "\"");
}

struct unit {
    const char *name;
    u64 size;
};

static void put_duration(struct text_buf *to, i64 duration_ns) {
    static const struct unit units[] = { { "d", 86400u * UINT64_C(1000000000) },
                                         { "h", 3600u * UINT64_C(1000000000) },
                                         { "m", 60u * UINT64_C(1000000000) },
                                         { "s", 1000000000 },
                                         { "ms", 1000000 },
                                         { "us", 1000 },
                                         { "ns", 1 } };
    u64 rest = (u64)duration_ns;
    if (rest == 0) text_buf_str(to, "0s");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        u64 count = rest / units[i].size;
        rest %= units[i].size;
        if (count) text_buf_printf(to, "%" PRIu64 "%s", count, units[i].name);
    }
}

static void put_size(struct text_buf *to, u64 size_bytes) {
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
    u32 unit = 0;
    size_bytes >>= 10;
    for (; unit < 3 && size_bytes > 0 && size_bytes % 1024 == 0; unit++) size_bytes >>= 10;
    text_buf_printf(to, "%" PRIu64 "%s", size_bytes, units[unit]);
}

/* From days since 1970: years counted from March, in eras of 400. */
static void put_date(struct text_buf *to, i64 days) {
    i64 z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    i64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;
    i64 day = doy - (153 * m + 2) / 5 + 1, month = m < 10 ? m + 3 : m - 9;
    i64 year = yoe + era * 400 + (month <= 2);
    text_buf_printf(to, "@%04" PRId64 "-%02" PRId64 "-%02" PRId64, year, month, day);
}

void ast_put_time(struct text_buf *to, i64 time_ns) {
    const i64 day_ns = INT64_C(86400000000000);
    i64 days = time_ns / day_ns - (time_ns % day_ns < 0), rest = time_ns - days * day_ns;
    i64 s = rest / 1000000000, ns = rest % 1000000000;
    put_date(to, days);
    text_buf_printf(to, "T%02" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600, s / 60 % 60, s % 60);
    if (ns) text_buf_printf(to, ".%09" PRId64, ns);
    text_buf_str(to, "Z");
}

void ast_put_const(struct text_buf *to, const struct ast_const *value) {
    switch (value->kind) {
    case AST_CONST_INT:
        text_buf_printf(to, "%" PRIu64, value->count);
        break;
    case AST_CONST_DURATION:
        put_duration(to, value->duration_ns);
        break;
    case AST_CONST_SIZE:
        put_size(to, value->size_bytes);
        break;
    case AST_CONST_NAME:
        ast_put_name(to, value->name);
        break;
    }
}

static void put_fields(struct text_buf *to, struct ast_fields fields) {
    for (u32 i = 0; i < fields.count; i++) {
        text_buf_str(to, i > 0 ? ", " : " ");
        ast_put_name(to, fields.at[i].name.text);
        text_buf_str(to, ": ");
        ast_put_type(to, fields.at[i].type);
    }
}

void ast_put_type(struct text_buf *to, const struct ast_type *type) {
    switch (type->kind) {
    case AST_TYPE_NAMED:
        ast_put_name(to, type->named.name.text);
        if (type->named.has_digits)
            text_buf_printf(to, "(%" PRIu64 ", %" PRIu64 ")", type->named.precision,
                            type->named.scale);
        break;
    case AST_TYPE_LIST:
        text_buf_str(to, "list<");
        ast_put_type(to, type->element);
        text_buf_str(to, ">");
        break;
    case AST_TYPE_MAP:
        text_buf_str(to, "map<");
        ast_put_type(to, type->map.key);
        text_buf_str(to, ", ");
        ast_put_type(to, type->map.value);
        text_buf_str(to, ">");
        break;
    case AST_TYPE_RECORD:
        text_buf_str(to, "{");
        put_fields(to, type->record);
        text_buf_str(to, " }");
        break;
    }
    if (type->nullable) text_buf_str(to, "?");
}

/* --- expressions --- */

static const char *unary_text(enum ast_unary op) {
    switch (op) {
    case AST_NEGATE:
        return "-";
    case AST_BIT_NOT:
        return "~";
    case AST_NOT:
        return "not ";
    }
    return NULL;
}

static const char *binary_text(enum ast_binary op) {
    switch (op) {
    case AST_OR:
        return "or";
    case AST_AND:
        return "and";
    case AST_EQUAL:
        return "==";
    case AST_NOT_EQUAL:
        return "!=";
    case AST_LESS:
        return "<";
    case AST_LESS_EQUAL:
        return "<=";
    case AST_GREATER:
        return ">";
    case AST_GREATER_EQUAL:
        return ">=";
    case AST_ELSE:
        return "??";
    case AST_BIT_OR:
        return "|";
    case AST_BIT_XOR:
        return "^";
    case AST_BIT_AND:
        return "&";
    case AST_SHIFT_LEFT:
        return "<<";
    case AST_SHIFT_RIGHT:
        return ">>";
    case AST_ADD:
        return "+";
    case AST_SUBTRACT:
        return "-";
    case AST_MULTIPLY:
        return "*";
    case AST_DIVIDE:
        return "/";
    case AST_REMAINDER:
        return "%";
    }
    return NULL;
}

void ast_put_exprs(struct text_buf *to, struct ast_exprs exprs) {
    for (u32 i = 0; i < exprs.count; i++) {
        if (i > 0) text_buf_str(to, ", ");
        ast_put_expr(to, exprs.at[i]);
    }
}

void ast_put_item(struct text_buf *to, const struct ast_item *item) {
    if (item->name.text) {
        ast_put_name(to, item->name.text);
        text_buf_str(to, " = ");
    }
    if (item->expr) ast_put_expr(to, item->expr);
    if (item->kind == AST_ITEM_SPREAD) text_buf_str(to, ".*");
    if (item->kind == AST_ITEM_ALL) text_buf_str(to, "*");
}

static void put_items(struct text_buf *to, struct ast_items items) {
    for (u32 i = 0; i < items.count; i++) {
        if (i > 0) text_buf_str(to, ", ");
        ast_put_item(to, &items.at[i]);
    }
}

void ast_put_record(struct text_buf *to, struct ast_items items) {
    text_buf_str(to, items.count ? "{ " : "{");
    put_items(to, items);
    text_buf_str(to, items.count ? " }" : "}");
}

static void put_call(struct text_buf *to, const struct ast_expr *expr) {
    ast_put_name(to, expr->call.name.text);
    text_buf_str(to, "(");
    if (span_is_somewhere(expr->call.distinct)) text_buf_str(to, "distinct ");
    ast_put_exprs(to, expr->call.args);
    if (expr->call.where) {
        text_buf_str(to, expr->call.args.count ? " where " : "where ");
        ast_put_expr(to, expr->call.where);
    }
    text_buf_str(to, ")");
}

static void put_case(struct text_buf *to, const struct ast_expr *expr) {
    text_buf_str(to, "case");
    for (u32 i = 0; i < expr->cases.whens.count; i++) {
        text_buf_str(to, " when ");
        ast_put_expr(to, expr->cases.whens.at[i].when);
        text_buf_str(to, " then ");
        ast_put_expr(to, expr->cases.whens.at[i].then);
    }
    if (expr->cases.otherwise) {
        text_buf_str(to, " else ");
        ast_put_expr(to, expr->cases.otherwise);
    }
    text_buf_str(to, " end");
}

/* "(value word " */
static void open_test(struct text_buf *to, const struct ast_expr *value, bool is_not,
                      const char *word) {
    text_buf_str(to, "(");
    ast_put_expr(to, value);
    text_buf_printf(to, is_not ? " not %s " : " %s ", word);
}

static void put_test(struct text_buf *to, const struct ast_expr *expr) {
    if (expr->kind == AST_EXPR_BETWEEN) {
        open_test(to, expr->between.value, expr->between.is_not, "between");
        ast_put_expr(to, expr->between.low);
        text_buf_str(to, " and ");
        ast_put_expr(to, expr->between.high);
    } else if (expr->kind == AST_EXPR_IN) {
        open_test(to, expr->in.value, expr->in.is_not, "in");
        text_buf_str(to, "(");
        ast_put_exprs(to, expr->in.list);
        text_buf_str(to, ")");
    } else {
        open_test(to, expr->is_null.value, false, expr->is_null.is_not ? "is not" : "is");
        text_buf_str(to, "null");
    }
    text_buf_str(to, ")");
}

static void put_operation(struct text_buf *to, const struct ast_expr *expr) {
    if (expr->kind == AST_EXPR_UNARY) {
        text_buf_printf(to, "(%s", unary_text(expr->unary.op));
        ast_put_expr(to, expr->unary.of);
    } else if (expr->kind == AST_EXPR_BINARY) {
        open_test(to, expr->binary.left, false, binary_text(expr->binary.op));
        ast_put_expr(to, expr->binary.right);
    } else {
        open_test(to, expr->cast.value, false, "as");
        ast_put_type(to, expr->cast.type);
    }
    text_buf_str(to, ")");
}

static void put_member(struct text_buf *to, const struct ast_expr *expr) {
    if (expr->kind == AST_EXPR_FIELD) {
        ast_put_expr(to, expr->field.of);
        text_buf_str(to, ".");
        ast_put_name(to, expr->field.name.text);
    } else {
        ast_put_expr(to, expr->index.of);
        text_buf_str(to, "[");
        ast_put_expr(to, expr->index.index);
        text_buf_str(to, "]");
    }
}

static void put_group(struct text_buf *to, const struct ast_expr *expr) {
    if (expr->kind == AST_EXPR_LIST) {
        text_buf_str(to, "[");
        ast_put_exprs(to, expr->list);
        text_buf_str(to, "]");
    } else {
        ast_put_record(to, expr->record);
    }
}

static void put_if(struct text_buf *to, const struct ast_expr *expr) {
    text_buf_str(to, "if(");
    ast_put_expr(to, expr->choice.condition);
    text_buf_str(to, ", ");
    ast_put_expr(to, expr->choice.then);
    text_buf_str(to, ", ");
    ast_put_expr(to, expr->choice.otherwise);
    text_buf_str(to, ")");
}

void ast_put_expr(struct text_buf *to, const struct ast_expr *expr) {
    switch (expr->kind) {
    case AST_EXPR_NULL:
        text_buf_str(to, "null");
        break;
    case AST_EXPR_BOOL:
        text_buf_str(to, expr->boolean ? "true" : "false");
        break;
    case AST_EXPR_INT:
        text_buf_printf(to, "%" PRIu64, expr->integer);
        break;
    case AST_EXPR_FLOAT:
        text_buf_str(to, expr->real.digits);
        break;
    case AST_EXPR_STRING:
        ast_put_string(to, expr->string);
        break;
    case AST_EXPR_DURATION:
        put_duration(to, expr->duration_ns);
        break;
    case AST_EXPR_SIZE:
        put_size(to, expr->size_bytes);
        break;
    case AST_EXPR_TIMESTAMP:
        ast_put_time(to, expr->timestamp_ns);
        break;
    case AST_EXPR_DATE:
        put_date(to, expr->date_days);
        break;
    case AST_EXPR_NAME:
        ast_put_name(to, expr->name);
        break;
    case AST_EXPR_FIELD:
    case AST_EXPR_INDEX:
        put_member(to, expr);
        break;
    case AST_EXPR_CALL:
        put_call(to, expr);
        break;
    case AST_EXPR_UNARY:
    case AST_EXPR_BINARY:
    case AST_EXPR_CAST:
        put_operation(to, expr);
        break;
    case AST_EXPR_BETWEEN:
    case AST_EXPR_IN:
    case AST_EXPR_IS_NULL:
        put_test(to, expr);
        break;
    case AST_EXPR_IF:
        put_if(to, expr);
        break;
    case AST_EXPR_CASE:
        put_case(to, expr);
        break;
    case AST_EXPR_LIST:
    case AST_EXPR_RECORD:
        put_group(to, expr);
        break;
    }
}
