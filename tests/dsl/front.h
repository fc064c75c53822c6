/* What the tests of the compiler's front share: a text from memory through the parser, and what
   came of it as text. */
#ifndef TESTS_DSL_FRONT_H
#define TESTS_DSL_FRONT_H

#include "dsl/parse.h"

struct front {
    struct arena arena;
    struct parse parse;
    struct text_buf out; /* of the last front_diags or front_ast */
};

void front_open(struct front *f, const char *text);
void front_open_bytes(struct front *f, const char *bytes, size_t size);
void front_open_file(struct front *f, const char *path);
void front_close(struct front *f);

/* All diagnostics as printed; the tree of the main file as printed. Good until the next call. */
const char *front_diags(struct front *f, enum diag_style style);
const char *front_ast(struct front *f);

/* A whole file with a NUL behind it; the caller frees. Null if it cannot be read. */
char *front_read(const char *path, size_t *size);

/* Compare with what a file of tests/dsl/parse expects; MILLRACE_UPDATE=1 writes it anew. */
void front_expect(const char *name, const char *got);

#endif
