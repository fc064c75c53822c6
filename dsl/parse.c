#include "dsl/parse.h"

#include <string.h>

#include "dsl/parse_internal.h"
#include "dsl/utf8.h"
#include "runtime/base/error.h"

void parse_init(struct parse *parse, struct arena *arena) {
    *parse = (struct parse){ .arena = arena };
    texts_init(&parse->texts, arena);
    diags_init(&parse->diags, arena);
}

/* The scanner is spared what is no text: NUL bytes make it slow, and nothing good comes of reading
   on after bytes that are not UTF-8. */
static bool is_text(struct parse *parse, const struct text *text) {
    const char *nul = memchr(text->at, 0, text->size);
    size_t readable = nul ? (size_t)(nul - text->at) : text->size;
    size_t valid = utf8_prefix(text->at, readable);
    if (valid == text->size) return true;
    struct span span = { text->id, (u32)valid, (u32)valid + 1 };
    diag_error(&parse->diags, E0102, span, "%s",
               valid < readable ? "this is not UTF-8" : "a NUL byte in the text");
    return false;
}

static struct ast_file *add_file(struct parse *parse, const struct text *text) {
    struct ast_file *file = arena_alloc(parse->arena, sizeof *file);
    file->text = text->id;
    struct ast_file **files = arena_alloc(parse->arena, (parse->file_count + 1) * sizeof *files);
    if (parse->file_count > 0) memcpy(files, parse->files, parse->file_count * sizeof *files);
    files[parse->file_count++] = file;
    parse->files = files;
    return file;
}

static void parse_text(struct parse *parse, struct ast_file *file) {
    const struct text *text = text_of(&parse->texts, file->text);
    if (!is_text(parse, text)) return;
    struct parser p = { .parse = parse,
                        .arena = parse->arena,
                        .text = text,
                        .file = file,
                        .held.code = T_FLOW_EMPTY,
                        .last.code = T_FLOW_EMPTY,
                        .before.code = T_FLOW_EMPTY,
                        .before_that = T_FLOW_EMPTY };
    p.scanner = flow_scanner_new(&p);
    flow_parse(&p);
    flow_scanner_free(p.scanner);
}

/* Who uses whom: one for each `use` whose file could be read. */
struct uses {
    struct use {
        u32 from, to; /* texts */
        struct span span;
    } * at;
    u32 count, room;
};

static void uses_add(struct uses *uses, struct arena *arena, struct use use) {
    if (uses->count == uses->room) {
        uses->room = uses->room ? 2 * uses->room : 16;
        struct use *more = arena_alloc(arena, uses->room * sizeof *more);
        if (uses->count) memcpy(more, uses->at, uses->count * sizeof *more);
        uses->at = more;
    }
    uses->at[uses->count++] = use;
}

static void use(struct parse *parse, struct uses *uses, u32 from, const struct ast_decl *decl) {
    struct str path = decl->use.path;
    struct text *text;
    bool is_new = false;
    int rc = -1;
    if (path.size == 0 || memchr(path.at, 0, path.size))
        error_set(0, "this is not the path of a file");
    else
        rc = text_load(&parse->texts,
                       text_resolve(&parse->texts, text_of(&parse->texts, from), path.at), &text,
                       &is_new);
    if (rc != 0) {
        diag_error(&parse->diags, E0112, decl->use.span, "%s", error_text());
        return;
    }
    if (is_new) add_file(parse, text);
    uses_add(uses, parse->arena, (struct use){ from, text->id, decl->use.span });
}

enum visit { NOT_SEEN, UNDER_WAY, DONE };

/* Goes through what `text` uses, deepest first; a file that is met while it is under way uses
   itself. */
static void refuse_cycles(struct parse *parse, const struct uses *uses, u8 *visits, u32 text) {
    visits[text] = UNDER_WAY;
    for (u32 i = 0; i < uses->count; i++) {
        const struct use *u = &uses->at[i];
        if (u->from != text) continue;
        if (visits[u->to] == NOT_SEEN) {
            refuse_cycles(parse, uses, visits, u->to);
        } else if (visits[u->to] == UNDER_WAY) {
            const char *path = text_of(&parse->texts, u->to)->path;
            struct diag *d =
                u->to == text ? diag_error(&parse->diags, E0114, u->span, "`%s` uses itself", path)
                              : diag_error(&parse->diags, E0114, u->span,
                                           "a cycle of `use`: this file is used by `%s`", path);
            diag_help(&parse->diags, d, "put what both need into a third file that uses neither");
        }
    }
    visits[text] = DONE;
}

/* The list grows while it is gone through: that is how each file is parsed once, cycles or not. */
static void parse_all(struct parse *parse) {
    struct uses uses = { 0 };
    for (u32 i = 0; i < parse->file_count; i++) {
        struct ast_file *file = parse->files[i];
        parse_text(parse, file);
        for (u32 d = 0; d < file->decls.count; d++)
            if (file->decls.at[d]->kind == AST_DECL_USE)
                use(parse, &uses, file->text, file->decls.at[d]);
    }
    u8 *visits = arena_alloc(parse->arena, parse->texts.count + 1);
    refuse_cycles(parse, &uses, visits, parse->files[0]->text);
}

int parse_file(struct parse *parse, const char *path) {
    struct text *text;
    bool is_new;
    if (text_load(&parse->texts, path, &text, &is_new) != 0) return -1;
    add_file(parse, text);
    parse_all(parse);
    return 0;
}

void parse_memory(struct parse *parse, const char *path, const char *bytes, size_t size) {
    add_file(parse, text_add(&parse->texts, path, bytes, size));
    parse_all(parse);
}
