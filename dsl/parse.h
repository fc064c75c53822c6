/* From texts to trees. parse_file reads a job and, at each `use`, the files it uses, each once;
   what is wrong with the words is collected as diagnostics (E01..) and the trees hold what could be
   understood. A pass that needs whole trees asks diags.error_count first. struct arena arena;
   arena_init(&arena); struct parse parse; parse_init(&parse, &arena); if (parse_file(&parse, path)
   != 0) ...error_text()... Nothing is global; two parses may run side by side, each on one thread.
 */
#ifndef DSL_PARSE_H
#define DSL_PARSE_H

#include "dsl/ast.h"
#include "dsl/diag.h"
#include "dsl/text.h"

struct parse {
    struct arena *arena;
    struct texts texts;
    struct diags diags;
    struct ast_file *
        *files; /* the main file first, then the used ones in the order of their first use */
    u32 file_count;
};

void parse_init(struct parse *parse, struct arena *arena);

/* Read and parse a job and what it uses. 0: it was read, whether or not diagnostics were made of
   it. -1 with the error trail: the file itself cannot be read. Once for a struct parse. */
int parse_file(struct parse *parse, const char *path);

/* The same for bytes in memory; files that they use are looked for beside `path`. Cannot fail. */
void parse_memory(struct parse *parse, const char *path, const char *bytes, size_t size);

/* The tree as text, one node a line, children indented: `explain --show ast`. Stable, complete,
 * without places. */
void ast_print(const struct ast_file *file, struct text_buf *to);

#endif
