#include "dsl/parse_internal.h"

/* Words that begin a declaration and can never follow a complete expression. */
static bool begins_declaration(int code) {
    static const int codes[] = { T_USE, T_SET,       T_PARAM,  T_ENUM,  T_TYPE,   T_EXTERN,
                                 T_FN,  T_AGGREGATE, T_SOURCE, T_TABLE, T_STREAM, T_TEST };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code) return true;
    return false;
}

/* A token that ends something, and is no word that something follows. */
static bool ends_expression(int code) {
    static const int codes[] = { T_IDENT, T_STRING,    T_INT,  T_FLOAT,       T_DURATION,
                                 T_SIZE,  T_TIMESTAMP, T_DATE, T_RIGHT_PAREN, T_RIGHT_BRACKET };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code) return true;
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_first_of_its_line(const struct text *text, u32 start) {
    while (start > 0 && is_blank(text->at[start - 1])) start--;
    return start == 0 || text->at[start - 1] == '\n';
}

static bool is_followed_by_name(const struct text *text, u32 end) {
    while (is_blank(text->at[end])) end++;
    char c = text->at[end];
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '`' || c == '"';
}

/* `stream x` at the start of a line. */
static bool starts_declaration(const struct parser *p, const struct token *token) {
    return begins_declaration(token->code) && is_first_of_its_line(p->text, token->span.start) &&
           is_followed_by_name(p->text, token->span.end);
}

static int closing_of(int code) {
    return code == T_LEFT_PAREN     ? T_RIGHT_PAREN
           : code == T_LEFT_BRACKET ? T_RIGHT_BRACKET
           : code == T_LEFT_BRACE   ? T_RIGHT_BRACE
                                    : 0;
}

static bool is_closing(int code) {
    return code == T_RIGHT_PAREN || code == T_RIGHT_BRACKET || code == T_RIGHT_BRACE;
}

static void count_brackets(struct parser *p, const struct token *token) {
    if (closing_of(token->code)) {
        if (p->depth < PARSE_BRACKETS_MAX) p->open[p->depth] = *token;
        p->depth++;
    } else if (is_closing(token->code) && p->depth > 0) {
        p->depth--;
    }
}

/* What would close the innermost open bracket, unless that is a brace: else 0. */
static int closing_parenthesis(const struct parser *p) {
    if (p->depth == 0 || p->depth > PARSE_BRACKETS_MAX) return 0;
    int open = p->open[p->depth - 1].code;
    return open == T_LEFT_BRACE ? 0 : closing_of(open);
}

/* A declaration starts where the one before cannot end yet, or has not: something was forgotten. */
static bool lacks_end(const struct parser *p, const struct token *token) {
    int last = p->last.code;
    bool open = p->recovering ? last != T_SEMICOLON && last != T_RIGHT_BRACE
                              : ends_expression(last) && (p->depth == 0 || closing_parenthesis(p));
    return open && starts_declaration(p, token);
}

static struct token end_of(const struct parser *p) {
    u32 end = p->text->size;
    return (struct token){ .code = T_TEXT_END, .span = { p->text->id, end, end } };
}

static struct token scan(struct parser *p) {
    struct token token = p->held;
    if (token.code != T_FLOW_EMPTY) {
        p->held.code = T_FLOW_EMPTY;
        return token;
    }
    token.code = flow_scan(&token.value, &token.span, p->scanner);
    return token.code == T_TEXT_END ? end_of(p) : token;
}

/* A token of no extent behind the last one; `before` comes next. */
static struct token inserted(struct parser *p, int code, struct token before) {
    p->held = before;
    u32 end = p->last.span.end;
    return (struct token){ .code = code, .span = { p->text->id, end, end } };
}

/* After an error the grammar waits for a `|>`, a `;` or the end of a body. What stands in brackets
   on the way there is none of these, whatever it is: brackets opened since the anchor are left
   first. But parentheses may lack their end, and then `|>` and `;` count. */
static struct token skip_brackets(struct parser *p, struct token token) {
    int before = 0;
    while (token.code != T_TEXT_END && !starts_declaration(p, &token)) {
        bool sync = token.code == T_PIPE || token.code == T_SEMICOLON;
        bool inside = p->depth > p->anchor;
        if (!inside && !closing_of(token.code)) break;
        if (inside && sync && closing_parenthesis(p)) break;
        count_brackets(p, &token);
        before = token.code;
        token = scan(p);
    }
    /* a block that ends a line ends its statement */
    bool ended = before == T_RIGHT_BRACE && p->depth > 0 && !closing_parenthesis(p) &&
                 is_first_of_its_line(p->text, token.span.start) && token.code != T_PIPE &&
                 token.code != T_SEMICOLON && token.code != T_ELSE && !is_closing(token.code);
    return ended ? inserted(p, T_SEMICOLON, token) : token;
}

/* The brace of a body or a block, where one may recover, and not that of a record. */
static bool opens_body(const struct parser *p) {
    int code = p->before.code;
    return p->last.code == T_LEFT_BRACE &&
           (code == T_IDENT || code == T_STRING || code == T_RIGHT_PAREN ||
            (code >= T_ACCUMULATING && code != T_EMIT));
}

static void move_anchor(struct parser *p) {
    int code = p->last.code;
    if (code == T_PIPE || code == T_SEMICOLON || opens_body(p) || p->depth < p->anchor)
        p->anchor = p->depth;
    if (code == T_PIPE || code == T_SEMICOLON) p->recovering = false;
}

/* What was forgotten before a declaration or `;`, said once: parentheses, then the `;`. */
static struct token forgotten(struct parser *p, int closing, struct token token) {
    struct token missing = inserted(p, closing ? closing : T_SEMICOLON, token);
    if (p->recovering) return missing;
    struct diags *diags = &p->parse->diags;
    if (closing) {
        struct diag *diag = diag_error(diags, E0101, missing.span, "`%s` is missing",
                                       closing == T_RIGHT_PAREN ? ")" : "]");
        diag_note(diags, diag, p->open[p->depth - 1].span, "this is not closed");
        p->recovering = true;
    } else {
        struct diag *diag = diag_error(diags, E0101, missing.span, "`;` is missing");
        diag_help(diags, diag, "a declaration ends with `;`");
    }
    return missing;
}

static struct token next(struct parser *p) {
    struct token token = scan(p);
    if (p->parse->diags.error_count >= PARSE_ERRORS_MAX) { /* enough is enough */
        p->recovering = true;
        return end_of(p);
    }
    if (p->recovering) token = skip_brackets(p, token);
    int closing = closing_parenthesis(p);
    bool unclosed = token.code == T_SEMICOLON && closing;
    return unclosed || lacks_end(p, &token) ? forgotten(p, closing, token) : token;
}

int flow_lex(union FLOW_STYPE *value, struct span *span, struct parser *p) {
    struct token token = next(p);
    p->before_that = p->before.code;
    p->before = p->last;
    p->last = token;
    count_brackets(p, &token);
    move_anchor(p);
    *value = token.value;
    *span = token.span;
    return token.code;
}
