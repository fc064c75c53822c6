/* What the scanner, the grammar and the builders of the tree share: one struct parser a text.
       lexer.l  ->  parse_tokens.c  ->  parser.y  ->  ast_build.c, ast_build_decl.c
   The tokens pass a station where recovery from errors is helped along: brackets are counted there,
   and a `;` that is obviously missing is put in. */
#ifndef DSL_PARSE_INTERNAL_H
#define DSL_PARSE_INTERNAL_H

#include "dsl/parse.h"
#include "dsl/parser.h"

#define PARSE_ERRORS_MAX 200   /* then reading stops */
#define PARSE_BRACKETS_MAX 256 /* deeper ones are counted but not remembered */

struct token {
    int code;
    union FLOW_STYPE value;
    struct span span;
};

struct parser {
    struct parse *parse;
    struct arena *arena;
    const struct text *text;
    struct ast_file *file;
    void *scanner;

    struct token held;   /* comes next; T_FLOW_EMPTY: none */
    struct token last;   /* what the grammar got last, */
    struct token before; /* before that, */
    int before_that;     /* and before that: T_FLOW_EMPTY at the start */

    u32 depth;  /* open brackets */
    u32 anchor; /* ... at the last `|>` or `;` */
    struct token open[PARSE_BRACKETS_MAX];

    bool recovering; /* an error was reported since the last `|>` or `;` */
    bool too_deep;   /* reported */
};

/* --- lexer.l --- */

/* The next token of the text as it stands there. */
int flow_scan(union FLOW_STYPE *value, struct span *span, void *scanner);
void *flow_scanner_new(struct parser *p);
void flow_scanner_free(void *scanner);

/* --- parse_tokens.c --- */

/* The next token for the grammar. */
int flow_lex(union FLOW_STYPE *value, struct span *span, struct parser *p);

/* --- parser.y --- */

/* The token of a word of the language, or T_IDENT. */
int flow_word(const char *at, size_t size);

/* The word of the language with this number, null past the last: for tests and editors. */
const char *flow_word_text(u32 number);

/* --- parse_error.c --- */

/* The grammar's complaint about the last token. */
struct syntax_error {
    const char **expected; /* the names of all tokens that could stand there; may be changed */
    u32 count;
    bool wants_name;  /* any word would do as a name */
    bool is_reserved; /* it is a reserved word */
};
void parse_syntax_error(struct parser *p, const struct syntax_error *error);

/* --- parse_literal.c: the value of a literal; what is wrong is reported and some value given ---
 */

u64 literal_int(struct parser *p, struct span span, struct str text);
double literal_float(struct parser *p, struct span span, struct str text, const char **digits);
i64 literal_duration(struct parser *p, struct span span, struct str text);
u64 literal_size(struct parser *p, struct span span, struct str text);
struct str literal_string(struct parser *p, struct span span, struct str quoted);
struct str literal_raw_string(struct parser *p, struct str quoted);
const char *literal_name(struct parser *p, struct span span, struct str quoted);
/* T_TIMESTAMP or T_DATE */
int literal_time(struct parser *p, struct span span, struct str text, union FLOW_STYPE *value);

#endif
