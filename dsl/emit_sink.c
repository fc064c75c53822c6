/* Where rows leave: encoded as text into the chain's buffer, or built in full for a blackhole. */
#include "dsl/emit_internal.h"

#include <string.h>

/* ---- encoding ---- */

/* Fixed text between values, put together as long as nothing else comes. */
struct pending {
    struct text_buf text;
};

static void flush_pending(struct emitter *e, struct pending *p) {
    if (p->text.size)
        line(e, "out_bytes(&c->out, %s, %zu);", c_string(e, p->text.at, p->text.size),
             p->text.size);
    text_buf_clear(&p->text);
}

static void pend_json_name(struct pending *p, const char *name) {
    text_buf_str(&p->text, "\"");
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            text_buf_printf(&p->text, "\\%c", *name);
        else if ((u8)*name < 0x20)
            text_buf_printf(&p->text, "\\u%04x", (u8)*name);
        else
            text_buf_put(&p->text, name, 1);
    }
    text_buf_str(&p->text, "\":");
}

static bool is_print(const struct lop *op) {
    return strcmp(op->sink.connector, "print") == 0;
}

/* How a number, an instant and the like stand in every format. */
static const char *out_name(struct type type) {
    switch (type.kind) {
    case TYPE_BOOL:
        return "out_bool";
    case TYPE_I8:
    case TYPE_I16:
    case TYPE_I32:
    case TYPE_I64:
        return "out_i64";
    case TYPE_U8:
    case TYPE_U16:
    case TYPE_U32:
    case TYPE_U64:
        return "out_u64";
    case TYPE_F32:
        return "out_f32";
    case TYPE_F64:
        return "out_f64";
    case TYPE_TIMESTAMP:
        return "out_timestamp";
    case TYPE_DURATION:
        return "out_duration";
    case TYPE_NONE:
    case TYPE_NULL:
    case TYPE_STRING:
    case TYPE_ENUM:
    case TYPE_LIST:
        break;
    }
    return "";
}

static bool is_test(const struct lop *op) {
    return op->sink_format.kind == FORMAT_TEST;
}

static void encode_text(struct emitter *e, const struct lop *op, const char *v) {
    if (is_print(op))
        line(e, "out_print_text(&c->out, %s);", v);
    else if (op->sink_format.kind == FORMAT_JSON || is_test(op))
        line(e, "out_json_text(&c->out, %s);", v);
    else if (op->sink_format.kind == FORMAT_CSV)
        line(e, "out_csv_text(&c->out, %s, %u);", v, (u8)op->sink_format.delimiter);
    else
        line(e, "out_bytes(&c->out, %s.at, %s.size);", v, v);
}

static void encode_value(struct emitter *e, const struct lop *op, struct type type, const char *v) {
    bool json = op->sink_format.kind == FORMAT_JSON;
    if (type.kind == TYPE_STRING) {
        encode_text(e, op, v);
    } else if (type.kind == TYPE_ENUM) {
        encode_text(e, op, text(e, "n%u_text[%s]", enum_number(e, type.of), v));
    } else if (json && (type.kind == TYPE_F64 || type.kind == TYPE_F32)) {
        line(e, "out_json_%s(&c->out, %s);", type_kind_name(type.kind), v);
    } else if (json && (type.kind == TYPE_TIMESTAMP || type.kind == TYPE_DURATION)) {
        line(e, "out_byte(&c->out, '\"');");
        line(e, "%s(&c->out, %s);", out_name(type), v);
        line(e, "out_byte(&c->out, '\"');");
    } else {
        if (is_test(op) && type.kind == TYPE_TIMESTAMP) line(e, "out_byte(&c->out, '@');");
        line(e, "%s(&c->out, %s);", out_name(type), v);
    }
}

static void pend_before(struct pending *p, const struct lop *op, u32 column, bool first) {
    const char *name = op->schema.columns[column].name;
    if (op->sink_format.kind == FORMAT_JSON) {
        text_buf_str(&p->text, first ? "{" : ",");
        pend_json_name(p, name);
    } else if (op->sink_format.kind == FORMAT_CSV) {
        if (!first) text_buf_put(&p->text, &op->sink_format.delimiter, 1);
    } else if (is_test(op)) {
        if (!first) text_buf_str(&p->text, "\t");
    } else if (is_print(op)) {
        text_buf_printf(&p->text, "%s%s=", first ? "" : " ", name);
    }
}

static void encode_column(struct emitter *e, const struct lop *op, struct pending *p, u32 column,
                          struct val v, bool first) {
    struct type type = op->schema.columns[column].type;
    pend_before(p, op, column, first);
    flush_pending(e, p);
    v = name_value(e, type, v);
    if (!v.null) {
        encode_value(e, op, type, v.v);
        return;
    }
    if (op->sink_format.kind == FORMAT_CSV) {
        open_block(e, "if (!%s)", v.null);
    } else {
        open_block(e, "if (%s)", v.null);
        line(e, "out_bytes(&c->out, \"null\", 4);");
        e->indent--;
        line(e, "} else {");
        e->indent++;
    }
    encode_value(e, op, type, v.v);
    close_block(e);
}

static bool is_apart(const struct lop *op, u32 column) {
    return partition_has(&op->partition, column);
}

/* The row as the C struct of its columns: each at its natural alignment. */
static void encode_binary(struct emitter *e, const struct pstage *s, const struct scope *scope) {
    u32 n = ++e->temp;
    open_block(e, "struct");
    for (u32 c = 0; c < lop_visible(s->op); c++)
        if (!is_apart(s->op, c)) line(e, "%s f%u;", c_type(s->op->schema.columns[c].type), c);
    e->indent--;
    line(e, "} x%u;", n);
    line(e, "__builtin_memset(&x%u, 0, sizeof x%u);", n, n);
    for (u32 c = 0; c < lop_visible(s->op); c++)
        if (!is_apart(s->op, c)) line(e, "x%u.f%u = %s;", n, c, scope->columns[c].v);
    line(e, "out_bytes(&c->out, &x%u, sizeof x%u);", n, n);
}

static void encode_columns(struct emitter *e, const struct lop *op, const struct scope *scope) {
    struct pending p;
    text_buf_init(&p.text);
    bool first = true;
    for (u32 c = 0; c < lop_visible(op); c++) {
        if (is_apart(op, c)) continue;
        encode_column(e, op, &p, c, scope->columns[c], first);
        first = false;
    }
    if (op->sink_format.kind == FORMAT_JSON) text_buf_str(&p.text, first ? "{}" : "}");
    text_buf_str(&p.text, "\n");
    flush_pending(e, &p);
    text_buf_fini(&p.text);
}

/* `day=2026-01-01/hour=10%3A05`, before the row. */
static void encode_folder(struct emitter *e, const struct lop *op, const struct scope *scope) {
    for (u32 i = 0; i < op->partition.count; i++) {
        u32 column = op->partition.columns[i], n = ++e->temp;
        const struct column *col = &op->schema.columns[column];
        struct val v = name_value(e, col->type, scope->columns[column]);
        const char *name = text(e, "%s%s=", i ? "/" : "", col->name);
        line(e, "out_bytes(&c->out, %s, %zu);", c_string(e, name, strlen(name)), strlen(name));
        if (v.null) {
            open_block(e, "if (%s)", v.null);
            line(e, "out_bytes(&c->out, FOLDER_NULL, sizeof FOLDER_NULL - 1);");
            e->indent--;
            line(e, "} else {");
            e->indent++;
        }
        line(e, "u64 x%u = out_size(&c->out);", n);
        const char *string = col->type.kind == TYPE_STRING ? v.v
                             : col->type.kind == TYPE_ENUM
                                 ? text(e, "n%u_text[%s]", enum_number(e, col->type.of), v.v)
                                 : NULL;
        if (string)
            line(e, "out_bytes(&c->out, %s.at, %s.size);", string, string);
        else
            line(e, "%s(&c->out, %s);", out_name(col->type), v.v);
        line(e, "out_folder(&c->out, x%u);", n);
        if (v.null) close_block(e);
    }
    line(e, "out_byte(&c->out, 0);");
}

static struct scope sink_params(struct emitter *e, const struct lop *op) {
    struct scope scope = scope_new(e, op->schema.count);
    for (u32 c = 0; c < lop_visible(op); c++) {
        struct type type = op->schema.columns[c].type;
        put(e, ", %s f%u", c_type(type), c);
        if (type.nullable) put(e, ", bool f%u_null", c);
        scope.columns[c] =
            (struct val){ text(e, "f%u", c), type.nullable ? text(e, "f%u_null", c) : NULL };
    }
    return scope;
}

/* k0_encode: a row as the sink writes it, into c->out. Not inline: all that send to a sink share
 * it. */
void emit_sink(struct emitter *e, const struct pstage *s) {
    const struct lop *op = s->op;
    put(e, "static NOINLINE void k%u_encode(struct chain *c", s->id);
    struct scope scope = sink_params(e, op);
    put(e, ")");
    open_block(e, "%s", "");
    line(e, "out_clear(&c->out);");
    if (op->partition.count) encode_folder(e, op, &scope);
    if (op->sink_format.kind == FORMAT_BINARY)
        encode_binary(e, s, &scope);
    else
        encode_columns(e, op, &scope);
    close_block(e);
    blank(e);
}

/* The visible columns of a row as arguments. */
static const char *column_args(struct emitter *e, const struct lop *op, const struct scope *in) {
    struct text_buf args;
    text_buf_init(&args);
    for (u32 c = 0; c < lop_visible(op); c++) {
        struct val v = in->columns[c];
        text_buf_printf(&args, ", %s", v.v);
        if (op->schema.columns[c].type.nullable)
            text_buf_printf(&args, ", %s", v.null ? v.null : "false");
    }
    const char *copy = arena_copy(&e->arena, args.at ? args.at : "", args.size);
    text_buf_fini(&args);
    return copy;
}

void emit_sink_encode(struct emitter *e, const struct pstage *s, const struct scope *scope) {
    const char *args = column_args(e, s->op, scope);
    source_line(e, s->op->span);
    line(e, "k%u_encode(c%s);", s->id, args);
}

/* The header line of a CSV file, or null. */
char *csv_head(struct emitter *e, const struct lop *op, u64 *size) {
    if (op->sink_format.kind != FORMAT_CSV || !op->sink_format.header) return NULL;
    struct text_buf head;
    text_buf_init(&head);
    for (u32 c = 0; c < lop_visible(op); c++) {
        const char *name = op->schema.columns[c].name;
        bool quote = strpbrk(name, "\"\r\n") || strchr(name, op->sink_format.delimiter) || !*name;
        if (is_apart(op, c)) continue;
        if (head.size) text_buf_put(&head, &op->sink_format.delimiter, 1);
        if (quote) text_buf_str(&head, "\"");
        for (const char *at = name; *at; at++)
            text_buf_printf(&head, *at == '"' ? "\"%c" : "%c", *at);
        if (quote) text_buf_str(&head, "\"");
    }
    text_buf_str(&head, "\n");
    char *copy = arena_copy(&e->arena, head.at, head.size);
    *size = head.size;
    text_buf_fini(&head);
    return copy;
}

/* ---- blackholes ---- */

static u32 hole_width(struct type type) {
    return type.kind == TYPE_STRING ? 8 : type_size(type);
}

static u32 hole_row_bytes(const struct lop *op) {
    u32 bytes = 0;
    for (u32 c = 0; c < lop_visible(op); c++) {
        struct type type = op->schema.columns[c].type;
        bytes += type_size(type) + type.nullable;
    }
    return (bytes + 7) & ~7u;
}

/* Rows are built one behind the other and over and over, in what stays in the core's cache; the
   empty statement tells the compiler that somebody reads them. */
void emit_hole(struct emitter *e, u32 hole) {
    const struct lop *op = e->plan->holes[hole];
    u32 rows = 1;
    while (rows * 2 * hole_row_bytes(op) <= 32768) rows *= 2;
    open_block(e, "struct h%u_row", hole);
    for (u32 width = 8; width; width /= 2)
        for (u32 c = 0; c < lop_visible(op); c++)
            if (hole_width(op->schema.columns[c].type) == width)
                line(e, "%s f%u;", c_type(op->schema.columns[c].type), c);
    for (u32 c = 0; c < lop_visible(op); c++)
        if (op->schema.columns[c].type.nullable) line(e, "bool f%u_null;", c);
    e->indent--;
    line(e, "} __attribute__((aligned(8)));");
    put(e, "ALWAYS_INLINE void h%u_take(struct chain *c, u64 number", hole);
    sink_params(e, op);
    put(e, ")");
    open_block(e, "%s", "");
    line(e, "struct h%u_row *row = (struct h%u_row *)c->hole + (number & %u);", hole, hole,
         rows - 1);
    for (u32 c = 0; c < lop_visible(op); c++) {
        line(e, "row->f%u = f%u;", c, c);
        if (op->schema.columns[c].type.nullable) line(e, "row->f%u_null = f%u_null;", c, c);
    }
    line(e, "__asm__ volatile(\"\" : : \"m\"(*row));");
    close_block(e);
    blank(e);
}

void emit_hole_take(struct emitter *e, const struct walk *w, const struct lop *op,
                    const struct scope *in) {
    u32 hole = (u32)e->plan->ops[op->id].hole;
    const char *args = column_args(e, op, in);
    source_line(e, op->span);
    line(e, w->in_source ? "h%u_take(c, run->taken%u++%s);" : "h%u_take(c, c->blackholes[%u]++%s);",
         hole, hole, args);
}
