/* The one name space of a job, and types. Declarations are collected first, so names may be used
   before they are declared; what they mean is worked out when somebody asks. */
#include "dsl/check_internal.h"

#include "runtime/base/hash.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const built_in_types[] = {
    "bool",    "i8",    "i16",  "i32", "i64",    "u8",        "u16",
    "u32",     "u64",   "f32",  "f64", "string", "timestamp", "duration",
    "decimal", "bytes", "date", "ip",  "mac",    "list",      "map",
};
#define BUILT_IN_TYPES (sizeof built_in_types / sizeof *built_in_types)

struct diag *not_yet(struct checker *c, struct span span, const char *fmt, ...) {
    char what[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return diag_error(c->diags, E0590, span, "%s is not supported yet", what);
}

void *list_room(struct arena *arena, void *at, u32 count, u32 *room, size_t size) {
    if (count < *room) return at;
    *room = *room ? 2 * *room : 8;
    void *more = arena_alloc(arena, *room * size);
    if (count) memcpy(more, at, count * size);
    return more;
}

/* ---- the table ---- */

static struct symbol **slot_of(const struct checker *c, const char *name) {
    u32 mask = c->table_size - 1, i = (u32)hash_bytes(name, strlen(name), 0) & mask;
    while (c->table[i] && strcmp(c->table[i]->name.text, name)) i = (i + 1) & mask;
    return &c->table[i];
}

struct symbol *name_find(const struct checker *c, const char *name) {
    return c->table_size ? *slot_of(c, name) : NULL;
}

static void table_grow(struct checker *c) {
    struct symbol **old = c->table;
    u32 old_size = c->table_size;
    c->table_size = old_size ? 2 * old_size : 64;
    c->table = arena_alloc(c->arena, c->table_size * sizeof(struct symbol *));
    for (u32 i = 0; i < old_size; i++)
        if (old[i]) *slot_of(c, old[i]->name.text) = old[i];
}

const char *symbol_kind_words(enum symbol_kind kind) {
    switch (kind) {
    case SYMBOL_PARAM:
        return "a param";
    case SYMBOL_TYPE:
        return "a type";
    case SYMBOL_FN:
        return "a function";
    case SYMBOL_AGGREGATE:
        return "an aggregate";
    case SYMBOL_SOURCE:
        return "a source";
    case SYMBOL_TABLE:
        return "a table";
    case SYMBOL_STREAM:
        return "a stream";
    case SYMBOL_SIDE:
        return "a side stream";
    }
    return "a name";
}

static bool is_built_in_type(const char *name) {
    for (u32 i = 0; i < BUILT_IN_TYPES; i++)
        if (!strcmp(built_in_types[i], name)) return true;
    return false;
}

static struct symbol *declare(struct checker *c, enum symbol_kind kind, struct ast_name name,
                              const struct ast_decl *decl, bool main_file) {
    if (2 * c->symbol_count >= c->table_size) table_grow(c);
    struct symbol **slot = slot_of(c, name.text);
    struct symbol *symbol = arena_alloc(c->arena, sizeof *symbol);
    *symbol = (struct symbol){
        .kind = kind, .name = name, .decl = decl, .main_file = main_file, .number = c->decl_count
    };
    if (*slot) {
        struct diag *d =
            diag_error(c->diags, E0202, name.span, "`%s` is declared twice", name.text);
        diag_note(c->diags, d, (*slot)->name.span, "it is %s already",
                  symbol_kind_words((*slot)->kind));
    } else if (kind == SYMBOL_TYPE && is_built_in_type(name.text)) {
        diag_error(c->diags, E0202, name.span, "`%s` is a type of the language", name.text);
    }
    if (!*slot) *slot = symbol;
    c->symbols =
        list_room(c->arena, c->symbols, c->symbol_count, &c->symbol_room, sizeof(struct symbol *));
    c->symbols[c->symbol_count++] = symbol;
    return symbol;
}

/* ---- what is declared ---- */

static void side(struct checker *c, struct ast_name name, const struct ast_decl *decl,
                 bool main_file) {
    if (name.text) declare(c, SYMBOL_SIDE, name, decl, main_file);
}

static void sides_of_block(struct checker *c, const struct ast_block *block,
                           const struct ast_decl *decl, bool main_file);

static void sides_of_process(struct checker *c, const struct ast_process *process,
                             const struct ast_decl *decl, bool main_file) {
    for (u32 i = 0; i < process->handlers.count; i++)
        sides_of_block(c, &process->handlers.at[i].block, decl, main_file);
}

static void sides_of_block(struct checker *c, const struct ast_block *block,
                           const struct ast_decl *decl, bool main_file) {
    for (u32 i = 0; i < block->count; i++) {
        const struct ast_stmt *stmt = block->at[i];
        if (stmt->kind == AST_STMT_EMIT && stmt->emit.into.text &&
            !name_find(c, stmt->emit.into.text))
            side(c, stmt->emit.into, decl, main_file); /* several emits may go one way */
        if (stmt->kind == AST_STMT_FOR) sides_of_block(c, &stmt->loop.block, decl, main_file);
        if (stmt->kind != AST_STMT_IF) continue;
        sides_of_block(c, &stmt->choice.then, decl, main_file);
        sides_of_block(c, &stmt->choice.otherwise, decl, main_file);
    }
}

static void sides_of_late(struct checker *c, const struct ast_late *late,
                          const struct ast_decl *decl, bool main_file) {
    side(c, late->into, decl, main_file);
    side(c, late->into_right, decl, main_file);
}

static void sides_of(struct checker *c, const struct ast_pipeline *p, const struct ast_decl *decl,
                     bool main_file);

static void sides_of_operand(struct checker *c, const struct ast_operand *o,
                             const struct ast_decl *decl, bool main_file) {
    if (o->pipeline) sides_of(c, o->pipeline, decl, main_file);
}

static void sides_of(struct checker *c, const struct ast_pipeline *p, const struct ast_decl *decl,
                     bool main_file) {
    sides_of_operand(c, &p->head, decl, main_file);
    for (u32 i = 0; i < p->stages.count; i++) {
        const struct ast_stage *stage = p->stages.at[i];
        if (stage->kind == AST_STAGE_WINDOW)
            sides_of_late(c, &stage->window->late, decl, main_file);
        if (stage->kind == AST_STAGE_OVER) sides_of_late(c, &stage->over.late, decl, main_file);
        if (stage->kind == AST_STAGE_HOLD) sides_of_late(c, &stage->hold.late, decl, main_file);
        if (stage->kind == AST_STAGE_PROCESS) sides_of_process(c, stage->process, decl, main_file);
        if (stage->kind == AST_STAGE_MATCH) {
            sides_of_late(c, &stage->match->late, decl, main_file);
            side(c, stage->match->timeout_into, decl, main_file);
        }
        if (stage->kind == AST_STAGE_JOIN) {
            sides_of_late(c, &stage->join.late, decl, main_file);
            sides_of_operand(c, &stage->join.right, decl, main_file);
        }
        for (u32 k = 0; stage->kind == AST_STAGE_UNION && k < stage->with.count; k++)
            sides_of_operand(c, &stage->with.at[k], decl, main_file);
    }
}

static void collect(struct checker *c, const struct ast_decl *d, bool main_file) {
    switch (d->kind) {
    case AST_DECL_USE:
    case AST_DECL_SET:
    case AST_DECL_TEST:
        return;
    case AST_DECL_PARAM:
        declare(c, SYMBOL_PARAM, d->name, d, main_file);
        return;
    case AST_DECL_ENUM:
    case AST_DECL_TYPE:
        declare(c, SYMBOL_TYPE, d->name, d, main_file);
        return;
    case AST_DECL_FN:
        declare(c, SYMBOL_FN, d->name, d, main_file);
        return;
    case AST_DECL_EXTERN: {
        struct symbol *fn = declare(c, SYMBOL_FN, d->name, d, main_file);
        not_yet(c, d->name.span, "`extern fn`");
        fn->refused = true;
        fn->state = SYMBOL_DONE;
        return;
    }
    case AST_DECL_AGGREGATE:
        declare(c, SYMBOL_AGGREGATE, d->name, d, main_file)->refused = true;
        not_yet(c, d->name.span, "an aggregate of your own");
        return;
    case AST_DECL_SOURCE:
        declare(c, SYMBOL_SOURCE, d->name, d, main_file);
        if (d->source.clauses->malformed && d->source.clauses->malformed->kind == AST_FATE_INTO)
            side(c, d->source.clauses->malformed->into, d, main_file);
        return;
    case AST_DECL_TABLE:
        declare(c, SYMBOL_TABLE, d->name, d, main_file);
        if (d->table.pipeline)
            sides_of(c, d->table.pipeline, d, main_file);
        else if (d->table.clauses->malformed && d->table.clauses->malformed->kind == AST_FATE_INTO)
            side(c, d->table.clauses->malformed->into, d, main_file);
        return;
    case AST_DECL_STREAM:
        declare(c, SYMBOL_STREAM, d->name, d, main_file);
        sides_of(c, d->stream.pipeline, d, main_file);
        return;
    case AST_DECL_PIPELINE:
        if (main_file) sides_of(c, d->pipeline, d, main_file);
        return;
    }
}

void names_collect(struct checker *c) {
    for (u32 f = 0; f < c->parse->file_count; f++) {
        const struct ast_file *file = c->parse->files[f];
        for (u32 i = 0; i < file->decls.count; i++, c->decl_count++)
            collect(c, file->decls.at[i], f == 0);
    }
}

/* ---- what is not there ---- */

/* Where hundreds of names are wrong, nobody reads the hints, and looking for them takes its time.
 */
bool worth_a_hint(const struct checker *c) {
    return c->diags->error_count < 100;
}

const char *name_nearest(struct checker *c, const char *name, u32 kinds) {
    if (!worth_a_hint(c)) return NULL;
    const char **names = malloc((c->symbol_count + 1) * sizeof *names);
    if (!names) abort();
    u32 count = 0;
    for (u32 i = 0; i < c->symbol_count; i++)
        if (kinds >> c->symbols[i]->kind & 1) names[count++] = c->symbols[i]->name.text;
    const char *near = diag_nearest(name, names, count);
    free(names);
    return near;
}

void name_unknown(struct checker *c, struct ast_name name, const char *wanted, u32 kinds) {
    const struct symbol *symbol = name_find(c, name.text);
    if (symbol) {
        struct diag *d = diag_error(c->diags, E0204, name.span, "`%s` is %s, and here stands %s",
                                    name.text, symbol_kind_words(symbol->kind), wanted);
        diag_note(c->diags, d, symbol->name.span, "declared here");
        return;
    }
    struct diag *d = diag_error(c->diags, E0201, name.span, "`%s` is not declared", name.text);
    diag_label(c->diags, d, "here stands %s", wanted);
    const char *near = name_nearest(c, name.text, kinds);
    if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
}

/* ---- types ---- */

static bool built_in(const char *name, enum type_kind *kind) {
    for (enum type_kind k = TYPE_BOOL; k <= TYPE_DURATION; k++)
        if (!strcmp(type_kind_name(k), name)) {
            *kind = k;
            return true;
        }
    return false;
}

#define ENUM_MEMBERS_MAX 4096u
#define ALIAS_DEPTH_MAX 100u

static struct type enum_type(struct checker *c, struct symbol *symbol) {
    const struct ast_names *members = &symbol->decl->members;
    if (members->count > ENUM_MEMBERS_MAX) {
        diag_error(c->diags, E0413, symbol->name.span, "an enum has at most %u members",
                   ENUM_MEMBERS_MAX);
        symbol->refused = true;
        return type_of(TYPE_NONE);
    }
    const char **names = arena_alloc(c->arena, (members->count + 1) * sizeof *names);
    for (u32 i = 0; i < members->count; i++) {
        names[i] = members->at[i].text;
        for (u32 k = 0; k < i; k++)
            if (!strcmp(names[k], names[i])) {
                struct diag *d = diag_error(c->diags, E0205, members->at[i].span,
                                            "`%s` is a member twice", names[i]);
                diag_note(c->diags, d, members->at[k].span, "here is the first");
            }
    }
    struct type_enum *of = arena_alloc(c->arena, sizeof *of);
    *of = (struct type_enum){ symbol->name.text, names, members->count };
    return (struct type){ .kind = TYPE_ENUM, .of = of };
}

static void type_symbol(struct checker *c, struct symbol *symbol) {
    if (symbol->state == SYMBOL_BUSY && !symbol->refused) {
        diag_error(c->diags, E0206, symbol->name.span, "the type `%s` stands for itself",
                   symbol->name.text);
        symbol->refused = true;
    }
    if (symbol->state != SYMBOL_NEW) return;
    symbol->state = SYMBOL_BUSY;
    if (symbol->decl->kind == AST_DECL_ENUM)
        symbol->type = enum_type(c, symbol);
    else if (symbol->decl->type->kind != AST_TYPE_RECORD) {
        if (++c->alias_depth > ALIAS_DEPTH_MAX)
            diag_error(c->diags, E0413, symbol->name.span,
                       "one type stands for another too many times");
        else
            symbol->type = type_resolve(c, symbol->decl->type);
        c->alias_depth--;
        symbol->refused = symbol->refused || symbol->type.kind == TYPE_NONE;
    }
    symbol->state = SYMBOL_DONE;
}

static void type_unknown(struct checker *c, struct ast_name name) {
    struct diag *d = diag_error(c->diags, E0201, name.span, "no type `%s`", name.text);
    const struct symbol *symbol = name_find(c, name.text);
    if (symbol) {
        diag_note(c->diags, d, symbol->name.span, "`%s` is %s", name.text,
                  symbol_kind_words(symbol->kind));
        return;
    }
    static const char *const elsewhere[][2] = {
        { "int", "i64" },           { "integer", "i64" },  { "long", "i64" },
        { "bigint", "i64" },        { "float", "f32" },    { "double", "f64" },
        { "real", "f64" },          { "text", "string" },  { "str", "string" },
        { "varchar", "string" },    { "boolean", "bool" }, { "datetime", "timestamp" },
        { "interval", "duration" },
    };
    const char *near = diag_nearest(name.text, built_in_types, BUILT_IN_TYPES);
    for (u32 i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (!strcmp(name.text, elsewhere[i][0])) near = elsewhere[i][1];
    if (!near) near = name_nearest(c, name.text, 1u << SYMBOL_TYPE);
    if (near) diag_help(c->diags, d, "did you mean `%s`?", near);
}

static struct type named_type(struct checker *c, const struct ast_type *type) {
    enum type_kind kind;
    const char *name = type->named.name.text;
    if (built_in(name, &kind)) return type_of(kind);
    if (is_built_in_type(name)) {
        not_yet(c, type->span, "the type %s", name);
        return type_of(TYPE_NONE);
    }
    struct symbol *symbol = name_find(c, name);
    if (!symbol || symbol->kind != SYMBOL_TYPE) {
        type_unknown(c, type->named.name);
        return type_of(TYPE_NONE);
    }
    type_symbol(c, symbol);
    if (symbol->refused) return type_of(TYPE_NONE);
    if (symbol->type.kind == TYPE_NONE && symbol->state == SYMBOL_DONE)
        not_yet(c, type->span, "the record `%s` inside of a row", name);
    return symbol->type;
}

struct type type_resolve(struct checker *c, const struct ast_type *type) {
    struct type r = type_of(TYPE_NONE);
    switch (type->kind) {
    case AST_TYPE_NAMED:
        r = named_type(c, type);
        break;
    case AST_TYPE_LIST:
        not_yet(c, type->span, "the type list");
        break;
    case AST_TYPE_MAP:
        not_yet(c, type->span, "the type map");
        break;
    case AST_TYPE_RECORD:
        not_yet(c, type->span, "a record inside of a row");
        break;
    }
    if (r.kind != TYPE_NONE && type->nullable) r.nullable = true;
    return r;
}

static bool record_columns(struct checker *c, const struct ast_fields *fields,
                           struct schema *schema) {
    bool right = true;
    if (fields->count > ROW_COLUMNS_MAX) {
        diag_error(c->diags, E0413, fields->at[ROW_COLUMNS_MAX].name.span,
                   "a row has at most %u columns", ROW_COLUMNS_MAX);
        return false;
    }
    schema->columns = arena_alloc(c->arena, (fields->count + 1) * sizeof *schema->columns);
    for (u32 i = 0; i < fields->count; i++) {
        struct type type = type_resolve(c, fields->at[i].type);
        schema->columns[i] = (struct column){ fields->at[i].name.text, type };
        right = right && type.kind != TYPE_NONE;
        for (u32 k = 0; k < i; k++)
            if (!strcmp(schema->columns[k].name, schema->columns[i].name)) {
                struct diag *d = diag_error(c->diags, E0205, fields->at[i].name.span,
                                            "two columns are called `%s`", fields->at[i].name.text);
                diag_note(c->diags, d, fields->at[k].name.span, "here is the first");
                right = false;
            }
    }
    schema->count = fields->count;
    return right;
}

/* Columns of refused types stay in the schema, so that their names are known. */
bool type_columns(struct checker *c, const struct ast_type *type, struct schema *schema) {
    if (type->kind == AST_TYPE_RECORD) return record_columns(c, &type->record, schema);
    struct symbol *symbol =
        type->kind == AST_TYPE_NAMED ? name_find(c, type->named.name.text) : NULL;
    const struct ast_type *record =
        symbol && symbol->kind == SYMBOL_TYPE && symbol->decl->kind == AST_DECL_TYPE
            ? symbol->decl->type
            : NULL;
    if (record && record->kind == AST_TYPE_RECORD) {
        if (symbol->state == SYMBOL_NEW) {
            symbol->state = SYMBOL_DONE;
            symbol->refused = !record_columns(c, &record->record, &symbol->record);
        }
        *schema = symbol->record;
        return !symbol->refused;
    }
    struct type other = type_resolve(c, type);
    if (other.kind != TYPE_NONE)
        diag_error(c->diags, E0505, type->span, "rows are of a record type, not %s",
                   name_type(c, other));
    return false;
}
