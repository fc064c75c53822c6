#include <string.h>

#include "dsl/parse_internal.h"

#define SHOWN_MAX 6

/* Tokens that mean one thing together: where all the marks could stand, the members are told as
   one. Word lists are in the order of the grammar. */
struct group {
    const char *text;
    bool with_names; /* all words as names go with it */
    const char *marks[4];
    const char *members[40];
};

static const struct group groups[] = {
    { "a declaration", true, { "end of file", "a name" }, { "end of file", "a name", "(" } },
    { "an expression",
      true,
      { "an integer", "a string", "case" },
      { "an integer", "a number", "a string", "a duration", "a size", "a timestamp", "a date",
        "a name",     "(",        "[",        "{",          "-",      "~",           "*",
        "not",        "if",       "case",     "true",       "false",  "null" } },
    { "a literal",
      false,
      { "an integer", "a string", "true" },
      { "an integer", "a number", "a string", "a duration", "a size", "a timestamp", "a date",
        "true", "false", "null" } },
    { "a statement", true, { "if", "a name" }, { "if", "a name" } },
    { "a type", false, { "{", "a name", "list", "map" }, { "{", "a name", "list", "map" } },
    { "an operator", false, { "+", "/" }, { "+",  "-",       "*",  "/",   "%",  "<<",  ">>",
                                            "&",  "^",       "|",  "??",  "==", "!=",  "<",
                                            "<=", ">",       ">=", "and", "or", "not", "in",
                                            "is", "between", "as", ".",   "[",  "(" } },
    { "a stage",
      false,
      { "lookup", "explode" },
      { "where",     "select", "let",      "rename", "drop",  "explode", "time", "key",   "window",
        "aggregate", "reduce", "distinct", "top",    "first", "last",    "over", "union", "hold",
        "changes",   "join",   "left",     "right",  "full",  "semi",    "anti", "asof",  "lookup",
        "process",   "match",  "parallel", "on",     "break", "into" } },
};

static const char *const declaration_words[] = { "use",    "set",    "param",  "enum",
                                                 "type",   "extern", "fn",     "aggregate",
                                                 "source", "table",  "stream", "test" };

static const char *const statement_words[] = { "state",     "on",      "let",     "emit",
                                               "timer",     "cancel",  "for",     "add",
                                               "merge",     "retract", "result",  "given",
                                               "watermark", "advance", "restart", "expect" };

static bool among(const char *name, const char *const *names, u32 count) {
    for (u32 i = 0; i < count && names[i]; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static bool expects(const struct syntax_error *error, const char *name) {
    return among(name, error->expected, error->count);
}

static bool applies(const struct syntax_error *error, const struct group *group) {
    for (u32 i = 0; i < sizeof group->marks / sizeof *group->marks && group->marks[i]; i++)
        if (!expects(error, group->marks[i])) return false;
    return group->with_names == error->wants_name;
}

static void put_item(struct text_buf *to, u32 position, u32 count, const char *text) {
    text_buf_str(to, position == 0 ? "" : position + 1 == count ? " or " : ", ");
    text_buf_printf(to, strchr(text, ' ') ? "%s" : "`%s`", text); /* "a name", or a word */
}

/* "expected `;`, `|>` or an operator" */
static void put_expected(struct text_buf *to, const struct syntax_error *error) {
    static const u32 group_count = sizeof groups / sizeof *groups;
    const char *shown[8];
    u32 count = 0, left_out = 0;
    bool used[sizeof groups / sizeof *groups] = { false };
    bool with_names = false; /* the first that names go with has them */
    for (u32 g = 0; g < group_count; g++) {
        used[g] = applies(error, &groups[g]) && !(groups[g].with_names && with_names);
        with_names = with_names || (used[g] && groups[g].with_names);
    }
    for (u32 i = 0; i < error->count; i++) {
        const char *name = error->expected[i];
        bool told = false;
        for (u32 g = 0; g < group_count; g++)
            told = told || (used[g] && among(name, groups[g].members, 40));
        if (told) continue;
        if (count < SHOWN_MAX)
            shown[count++] = name;
        else
            left_out++;
    }
    u32 total = count;
    for (u32 g = 0; g < group_count; g++) total += used[g];
    text_buf_str(to, "expected ");
    for (u32 i = 0; i < count; i++) put_item(to, i, left_out ? 0 : total, shown[i]);
    for (u32 g = 0; g < group_count; g++)
        if (used[g]) put_item(to, count++, left_out ? 0 : total, groups[g].text);
    if (left_out) text_buf_str(to, ", ...");
}

static bool is_wordlike(int code) {
    return code >= T_ACCUMULATING || code == T_IDENT;
}

static const char *text_of_token(struct parser *p, const struct token *token) {
    struct str text = text_of_span(&p->parse->texts, token->span);
    u64 size = text.size;
    if (size > 40)
        for (size = 40; (text.at[size] & 0xC0) == 0x80;) size--; /* whole characters */
    return arena_copy(p->arena, text.at, size);
}

static bool begins_something(const struct parser *p) {
    int code = p->before_that;
    return code == T_FLOW_EMPTY || code == T_SEMICOLON || code == T_LEFT_BRACE ||
           code == T_RIGHT_BRACE;
}

static bool is_opening(int code) {
    return code == T_LEFT_PAREN || code == T_LEFT_BRACKET || code == T_LEFT_BRACE;
}

/* `steam x = ...`: what is wrong is the word before, which passed for a name. */
static const char *misspelt_before(struct parser *p) {
    if (p->before.code != T_IDENT || !begins_something(p)) return NULL;
    const char *word = text_of_token(p, &p->before);
    if (p->depth == (is_opening(p->last.code) ? 1 : 0))
        return diag_nearest(word, declaration_words,
                            sizeof declaration_words / sizeof *declaration_words);
    return diag_nearest(word, statement_words, sizeof statement_words / sizeof *statement_words);
}

/* Words of the language among what was expected. */
static const char *misspelt(struct parser *p, const struct syntax_error *error, const char *word) {
    if (!is_wordlike(p->last.code) || error->wants_name) return NULL;
    u32 count = 0;
    for (u32 i = 0; i < error->count; i++)
        if (error->expected[i][0] >= 'a' && !strchr(error->expected[i], ' '))
            error->expected[count++] = error->expected[i];
    return diag_nearest(word, error->expected, count);
}

static bool is_comparison(int code) {
    return code == T_EQUAL || code == T_NOT_EQUAL || code == T_LESS || code == T_LESS_EQUAL ||
           code == T_GREATER || code == T_GREATER_EQUAL;
}

static void add_help(struct parser *p, struct diag *diag, const struct syntax_error *error) {
    struct diags *diags = &p->parse->diags;
    bool wants_operator = expects(error, "+") && expects(error, "/");
    if (p->last.code == T_TEXT_END && p->depth > 0 && p->depth <= PARSE_BRACKETS_MAX)
        diag_note(diags, diag, p->open[p->depth - 1].span, "this is not closed");
    const char *text = text_of_token(p, &p->last);
    if (p->last.code >= T_ACCUMULATING && expects(error, "a name"))
        diag_help(diags, diag, "`%s` is a %s: as a name it stands in back-quotes here", text,
                  error->is_reserved ? "reserved word" : "word of the language");
    else if (p->last.code == T_SET_TO && wants_operator)
        diag_help(diags, diag, "`==` compares; `name = E` names a column");
    else if (is_comparison(p->last.code) && wants_operator)
        diag_help(diags, diag, "comparisons do not chain: write `a < b and b < c`");
    else if (p->last.code == T_GREATER_EQUAL && expects(error, ">"))
        diag_help(diags, diag, "leave a space between `>` and `=`");
    const char *near = misspelt(p, error, text);
    if (near) diag_help(diags, diag, "did you mean `%s`?", near);
}

void parse_syntax_error(struct parser *p, const struct syntax_error *error) {
    if (p->recovering) return;
    struct diags *diags = &p->parse->diags;
    const char *before = misspelt_before(p);
    const struct token *token = before ? &p->before : &p->last;
    struct diag *diag;
    u32 end = p->before.span.end; /* more telling than the empty line after the last one */
    if (token->code == T_TEXT_END)
        diag = diag_error(diags, E0101, (struct span){ p->text->id, end, end },
                          "unexpected end of file");
    else
        diag = diag_error(diags, E0101, token->span, "unexpected `%s`", text_of_token(p, token));
    if (before) {
        diag_help(diags, diag, "did you mean `%s`?", before);
    } else {
        struct text_buf label;
        text_buf_init(&label);
        put_expected(&label, error);
        diag_label(diags, diag, "%s", label.at);
        text_buf_fini(&label);
        add_help(p, diag, error);
    }
    /* at a `|>` or `;` the grammar can go on at once; what a wrong bracket opens is left first */
    p->recovering = p->last.code != T_PIPE && p->last.code != T_SEMICOLON;
    if (is_opening(p->last.code)) p->anchor = p->depth - 1;
}
