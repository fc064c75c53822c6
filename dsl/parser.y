/* The grammar of `.flow` texts: section 16 of the language reference. LALR(1) without conflicts;
   the one precedence makes `rows` in `over n rows` the unit. Actions build nodes and nothing else.
   An error is passed over up to the next `|>` of a pipeline, `;` of a block or declaration, or `}`
   of a declaration. */
%define api.pure full
%define api.prefix {flow_}
%define api.token.prefix {T_}
%define api.value.type union
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%define lr.default-reduction accepting
%param { struct parser *p }
%expect 0

%code requires {
#include "dsl/ast.h"

struct parser;

struct number {
    const char *digits;
    double value;
};

/* A clause of a source or table on its way to its place in struct ast_clauses. */
struct clause {
    size_t offset;
    struct span span;
    void *node; /* null: a flag, which its span says */
};
}

%code {
#include <string.h>

#include "dsl/ast_build.h"

#define YYINITDEPTH 500
#define YYMAXDEPTH 3000
#define YYLLOC_DEFAULT(here, right, count)                                                         \
    (here) = (count) ? span_join(YYRHSLOC(right, 1), YYRHSLOC(right, count))                       \
                     : (struct span){ YYRHSLOC(right, 0).file, YYRHSLOC(right, 0).end,             \
                                      YYRHSLOC(right, 0).end }
#define NO_NAME ((struct ast_name){ 0 })
#define NO_ITEMS ((struct ast_items){ 0 })
#define NO_BLOCK ((struct ast_block){ 0 })

/* Append to a list, or to the empty list that $$ becomes. */
#define PUSH(list, item) ast_push(p, &(list), &(item), sizeof(item))
#define START(list, item) (memset(&(list), 0, sizeof(list)), PUSH(list, item))

#define RECOVERED (p->recovering = false, yyerrok)

/* Nodes by value, kept in the arena; yyloc is the place of the rule. */
#define NODE(type, ...) ast_keep(p, &(struct type){ __VA_ARGS__ }, sizeof(struct type))
#define CONST(kind, ...) NODE(ast_const, AST_CONST_##kind, yyloc, __VA_ARGS__)
#define WATERMARK(kind, ...) NODE(ast_watermark, AST_WATERMARK_##kind, yyloc, __VA_ARGS__)
#define WINDOW(kind, ...) NODE(ast_window, AST_WINDOW_##kind, yyloc, __VA_ARGS__)
#define TEST_STEP(kind, ...) ((struct ast_test_step){ AST_TEST_##kind, yyloc, __VA_ARGS__ })
#define EXPECT(order, stream, list)                                                                \
    TEST_STEP(EXPECT, .expect = order, .name = stream, .rows = list)

/* Clauses, in the order in which they are said, each once. */
#define ONCE(field, value, span)                                                                   \
    (ast_once(p, ast_is_said(&(field), sizeof(field)), span), (field) = (value))
#define FLAG(field, span) ONCE(field, span, span)
#define MODE(window, said, span) (FLAG(window->mode_span, span), window->mode = (said))
#define SKIP(match, said, span, name)                                                              \
    (FLAG(match->skip_span, span), match->skip = (said), match->skip_to = (name))
#define CLAUSE(field, node) ((struct clause){ offsetof(struct ast_clauses, field), yyloc, node })
#define SAID(field) CLAUSE(field, NULL)
#define PATIENCE(field, after, flush) CLAUSE(field, NODE(ast_patience, yyloc, after, flush))
#define FATE(field, kind, into) CLAUSE(field, NODE(ast_fate, AST_FATE_##kind, yyloc, into))

static void flow_error(struct span *span, struct parser *p, const char *message);
}

%initial-action { @$ = (struct span){ p->text->id, 0, 0 }; }

/* Punctuation first: it is what messages name first. */
%token TEXT_END 0 "end of file"
%token
  PIPE "|>" SEMICOLON ";" COMMA "," RIGHT_PAREN ")" RIGHT_BRACKET "]" RIGHT_BRACE "}"
  LEFT_PAREN "(" LEFT_BRACKET "[" LEFT_BRACE "{" COLON ":" SET_TO "=" DOT "."
  EQUAL "==" NOT_EQUAL "!=" LESS "<" LESS_EQUAL "<=" GREATER ">" GREATER_EQUAL ">="
  PLUS "+" MINUS "-" STAR "*" SLASH "/" PERCENT "%" SHIFT_LEFT "<<" SHIFT_RIGHT ">>"
  AMPERSAND "&" CARET "^" BAR "|" TILDE "~" OTHERWISE "??" QUESTION "?"
  ADD_TO "+=" SUBTRACT_FROM "-="

%token <const char *> IDENT "a name"
%token <struct str> STRING "a string"
%token <u64> INT "an integer"
%token <struct number> FLOAT "a number"
%token <i64> DURATION "a duration"
%token <u64> SIZE "a size"
%token <i64> TIMESTAMP "a timestamp"
%token <i32> DATE "a date"

/* The words, sorted: flow_word searches them. All but the 18 reserved ones stand in `word` below,
   too. */
%token
  ACCUMULATING "accumulating" ADD "add" ADVANCE "advance" AGGREGATE "aggregate" AHEAD "ahead"
  ALL "all" AND "and" ANTI "anti" AS "as" ASC "asc" ASCENDING "ascending" ASOF "asof" AT "at"
  BETWEEN "between" BREAK "break" BY "by" CACHE "cache" CANCEL "cancel" CAPACITY "capacity"
  CASE "case" CHANGES "changes" CORE "core" DAY "day" DELETE "delete" DESC "desc"
  DISCARDING "discarding" DISTINCT "distinct" DROP "drop" EARLY "early" ELSE "else" EMIT "emit"
  END "end" ENUM "enum" EVENT "event" EVERY "every" EXPECT "expect" EXPLODE "explode"
  EXTERN "extern" FAIL "fail" FAILED "failed" FALSE "false" FINAL "final" FIRST "first"
  FLUSH "flush" FN "fn" FOR "for" FOREVER "forever" FROM "from" FULL "full" GIVEN "given"
  GLOBAL "global" HOLD "hold" IDLE "idle" IF "if" IN "in" INTO "into" IS "is" JOIN "join"
  KEEP "keep" KEY "key" LAG "lag" LAST "last" LATE "late" LATENESS "lateness" LEFT "left"
  LET "let" LIST "list" LOOKUP "lookup" MALFORMED "malformed" MAP "map" MATCH "match" MAX "max"
  MERGE "merge" MONTH "month" NEVER "never" NEXT "next" NODE "node" NOT "not" NULL "null"
  OFFSET "offset" ON "on" OR "or" ORDERED "ordered" OVER "over" PARALLEL "parallel" PARAM "param"
  PAST "past" PROCESS "process" REDUCE "reduce" RELOAD "reload" REMOTE "remote" RENAME "rename"
  RESTART "restart" RESULT "result" RETRACT "retract" RETRACTING "retracting" RETRY "retry"
  RIGHT "right" ROW "row" ROWS "rows" SAME "same" SELECT "select" SEMI "semi" SESSION "session"
  SET "set" SKIP "skip" SLIDING "sliding" SOURCE "source" STATE "state" STREAM "stream"
  TABLE "table" TEST "test" THEN "then" TIES "ties" TIME "time" TIMEOUT "timeout" TIMER "timer"
  TO "to" TOP "top" TRUE "true" TUMBLING "tumbling" TYPE "type" UNION "union"
  UNORDERED "unordered" UNTIL "until" USE "use" WALL "wall" WAS "was" WATERMARK "watermark"
  WEEK "week" WHEN "when" WHERE "where" WINDOW "window" WITH "with" WITHIN "within" YEAR "year"
  ZONE "zone"

%precedence UNIT_LEFT_OUT
%precedence "rows"

%nterm <struct ast_name> name opt_as opt_was opt_into opt_timer
%nterm <struct ast_names> names
%nterm <struct ast_fields> fields params
%nterm <struct ast_type *> type base_type record_type open_type opt_type
%nterm <struct ast_const *> const opt_every
%nterm <struct ast_expr *> expr and not cmp coal bits xor band shift sum product unary cast postfix
%nterm <struct ast_expr *> primary literal args opt_where opt_else opt_zone opt_delete
%nterm <struct ast_expr *> opt_on opt_initial
%nterm <struct ast_exprs> exprs opt_exprs
%nterm <struct ast_whens> whens
%nterm <struct ast_item> item
%nterm <struct ast_items> items
%nterm <struct ast_order> order
%nterm <struct ast_orders> orders opt_by
%nterm <struct ast_record> record
%nterm <struct ast_records> records rows
%nterm <struct ast_option> option
%nterm <struct ast_options> options opt_options
%nterm <struct ast_call *> call
%nterm <struct ast_watermark *> watermark
%nterm <struct clause> source_clause table_clause
%nterm <struct ast_clauses *> source_clauses table_clauses
%nterm <struct ast_keep *> keep opt_keep
%nterm <struct ast_late> late opt_late
%nterm <struct ast_window *> window window_shape
%nterm <enum ast_calendar> calendar
%nterm <struct ast_trigger> trigger
%nterm <struct ast_triggers> triggers
%nterm <bool> early_or_late
%nterm <struct ast_pipeline *> pipeline
%nterm <struct ast_operand> operand operand_head
%nterm <struct ast_operands> operands
%nterm <struct ast_stage *> stage top over join
%nterm <enum ast_join_kind> join_kind
%nterm <struct ast_process *> process
%nterm <struct ast_handler> handler
%nterm <struct ast_state *> state
%nterm <struct ast_block> block stmts
%nterm <struct ast_stmt *> stmt if
%nterm <enum ast_assign> assign
%nterm <struct ast_step> step plain_step repeat
%nterm <struct ast_steps> steps
%nterm <struct ast_match *> match
%nterm <struct ast_aggregate *> aggregate
%nterm <struct ast_state> aggregate_state
%nterm <struct ast_states> aggregate_states
%nterm <struct ast_test_step> test_step
%nterm <struct ast_test_steps> test_steps
%nterm <struct ast_decl *> decl

%%

file:
  %empty
| file decl                     { if ($2) PUSH(p->file->decls, $2); }

/* --- declarations --- */

decl:
  "use" "a string" ";"          { $$ = ast_use(p, @$, $2, @2); }
| "set" name "=" literal ";"    { $$ = ast_set(p, @$, $2, $4); }
| "param" name ":" type ";"     { $$ = ast_param(p, @$, $2, $4, NULL); }
| "param" name ":" type "=" expr ";" { $$ = ast_param(p, @$, $2, $4, $6); }
| "enum" name "{" names opt_comma "}" { $$ = ast_enum(p, @$, $2, $4); }
| "enum" name "{" error recovered "}" { $$ = NULL; }
| "type" name record_type       { $$ = ast_named_type(p, @$, $2, $3); }
| "type" name "{" error recovered "}" { $$ = NULL; }
| "type" name "=" type ";"      { $$ = ast_named_type(p, @$, $2, $4); }
| "fn" name "(" params ")" ":" type "=" expr ";" { $$ = ast_fn(p, @$, $2, $4, $7, $9); }
| "extern" "fn" name "(" params ")" ":" type "from" "a string" ";"
                                { $$ = ast_extern(p, @$, $3, $5, $8, $10, @10); }
| "aggregate" name "(" params ")" ":" type "{" aggregate end_of_body
                                { $$ = ast_own_aggregate(p, @$, $2, $4, $7, $9); }
| "source" name opt_type "=" call source_clauses ";" { $$ = ast_source(p, @$, $2, $3, $5, $6); }
| "table" name opt_type "key" names "=" call table_clauses ";"
                                { $$ = ast_table(p, @$, $2, $3, $5, $7, $8, NULL); }
| "table" name opt_type "key" names "=" pipeline ";"
                                { $$ = ast_table(p, @$, $2, $3, $5, NULL, NULL, $7); }
| "stream" name opt_was "=" pipeline ";" { $$ = ast_stream(p, @$, $2, $3, $5); }
| pipeline ";"                  { $$ = ast_unnamed(p, @$, $1); }
| "test" "a string" "{" test_steps end_of_body { $$ = ast_test(p, @$, $2, $4); }
| error recovered ";"           { $$ = NULL; }

end_of_body: "}" | error recovered "}"

recovered: %empty { RECOVERED; } /* before the token at which reading goes on is shifted */

opt_comma: %empty | ","

names:
  name                          { START($$, $1); }
| names "," name                { $$ = $1; PUSH($$, $3); }

fields:
  name ":" type                 { START($$, ((struct ast_field){ $1, $3 })); }
| fields "," name ":" type      { $$ = $1; PUSH($$, ((struct ast_field){ $3, $5 })); }

params: %empty { $$ = (struct ast_fields){ 0 }; } | fields opt_comma

opt_type: %empty { $$ = NULL; } | ":" type { $$ = $2; }

opt_was: %empty { $$ = NO_NAME; } | "was" name { $$ = $2; }

aggregate:
  %empty                        { $$ = NODE(ast_aggregate, 0); }
| aggregate "state" "{" aggregate_states opt_comma "}" { $$ = $1; ONCE($$->states, $4, @2); }
| aggregate "state" "{" error recovered "}" { $$ = $1; }
| aggregate "add" block         { $$ = $1; ONCE($$->add, $3, @2); }
| aggregate "merge" block       { $$ = $1; ONCE($$->merge, $3, @2); }
| aggregate "retract" block     { $$ = $1; ONCE($$->retract, $3, @2); }
| aggregate "result" expr ";"   { $$ = $1; ONCE($$->result, $3, @2); }

aggregate_states:
  aggregate_state               { START($$, $1); }
| aggregate_states "," aggregate_state { $$ = $1; PUSH($$, $3); }

aggregate_state:
  name ":" type "=" expr        { $$ = (struct ast_state){ @$, $1, NO_NAME, $3, $5 }; }

/* --- types; `>>` closes two --- */

type:
  base_type
| base_type "?"                 { $$ = $1; $$->nullable = true; $$->span = @$; }

base_type:
  "a name"                      { $$ = ast_plain_type(p, @$, $1); }
| "a name" "(" "an integer" "," "an integer" ")" { $$ = ast_sized_type(p, @$, $1, @1, $3, $5); }
| "list" "<" type ">"           { $$ = ast_list_type(p, @$, $3); }
| "list" "<" open_type ">>"     { $$ = ast_list_type(p, @$, $3); $3->span.end = @4.end - 1; }
| "map" "<" type "," type ">"   { $$ = ast_map_type(p, @$, $3, $5); }
| "map" "<" type "," open_type ">>" { $$ = ast_map_type(p, @$, $3, $5); $5->span.end = @6.end - 1; }
| record_type

record_type: "{" fields opt_comma "}" { $$ = ast_record_type(p, @$, $2); }

open_type:
  "list" "<" type               { $$ = ast_list_type(p, @$, $3); }
| "map" "<" type "," type       { $$ = ast_map_type(p, @$, $3, $5); }

/* --- connectors and their clauses --- */

call:
  name "(" opt_options ")"      { $$ = NODE(ast_call, .name = $1, .options = $3, .span = @$); }

opt_options: %empty { $$ = (struct ast_options){ 0 }; } | options opt_comma

options:
  option                        { START($$, $1); }
| options "," option            { $$ = $1; PUSH($$, $3); }

option:
  expr                          { $$ = (struct ast_option){ NO_NAME, $1 }; }
| name ":" expr                 { $$ = (struct ast_option){ $1, $3 }; }

source_clauses:
  %empty                        { $$ = NODE(ast_clauses, 0); }
| source_clauses source_clause  { $$ = $1; ast_set_clause(p, $$, $2); }

table_clauses:
  %empty                        { $$ = NODE(ast_clauses, 0); }
| table_clauses source_clause   { $$ = $1; ast_set_clause(p, $$, $2); }
| table_clauses table_clause    { $$ = $1; ast_set_clause(p, $$, $2); }

source_clause:
  "time" expr                   { $$ = CLAUSE(time, $2); }
| "wall" "time"                 { $$ = SAID(wall_time); }
| "watermark" watermark         { $$ = CLAUSE(watermark, $2); }
| "idle" const                  { $$ = PATIENCE(idle, $2, false); }
| "idle" const "flush"          { $$ = PATIENCE(idle, $2, true); }
| "idle" "never"                { $$ = PATIENCE(idle, NULL, false); }
| "ahead" const                 { $$ = PATIENCE(ahead, $2, false); }
| "ahead" "never"               { $$ = PATIENCE(ahead, NULL, false); }
| "malformed" "fail"            { $$ = FATE(malformed, FAIL, NO_NAME); }
| "malformed" "skip"            { $$ = FATE(malformed, SKIP, NO_NAME); }
| "malformed" "into" name       { $$ = FATE(malformed, INTO, $3); }

table_clause:
  "reload" const                { $$ = CLAUSE(reload, $2); }
| "delete" "when" expr          { $$ = CLAUSE(delete_when, $3); }
| "remote"                      { $$ = SAID(remote); }
| "unordered"                   { $$ = SAID(unordered); }
| "capacity" const              { $$ = CLAUSE(capacity, $2); }
| "timeout" const               { $$ = CLAUSE(timeout, $2); }
| "retry" const                 { $$ = CLAUSE(retry, $2); }
| "cache" const                 { $$ = CLAUSE(cache, $2); }
| "failed" "fail"               { $$ = FATE(failed, FAIL, NO_NAME); }
| "failed" "into" name          { $$ = FATE(failed, INTO, $3); }

watermark:
  "lag" const                   { $$ = WATERMARK(LAG, .lag = $2); }
| "ascending"                   { $$ = WATERMARK(ASCENDING); }
| "on" expr                     { $$ = WATERMARK(ON, .on = $2); }
| "at" "end"                    { $$ = WATERMARK(AT_END); }

const:
  "an integer"                  { $$ = CONST(INT, .count = $1); }
| "a duration"                  { $$ = CONST(DURATION, .duration_ns = $1); }
| "a size"                      { $$ = CONST(SIZE, .size_bytes = $1); }
| "a name"                      { $$ = CONST(NAME, .name = $1); }

keep:
  "keep" const                  { $$ = NODE(ast_keep, .span = @$, .time = $2); }
| "keep" const "wall"           { $$ = NODE(ast_keep, .span = @$, .time = $2, .wall = true); }
| "keep" "forever"              { $$ = NODE(ast_keep, .span = @$); }

opt_keep: %empty { $$ = NULL; } | keep

late:
  "late" "into" name            { $$ = (struct ast_late){ @$, $3, NO_NAME }; }
| "late" "into" name "," name   { $$ = (struct ast_late){ @$, $3, $5 }; }

opt_late: %empty { $$ = (struct ast_late){ 0 }; } | late

/* --- pipelines --- */

pipeline:
  operand                       { $$ = NODE(ast_pipeline, .span = @$, .head = $1); }
| pipeline "|>" stage           { $$ = $1; $$->span = @$; $3->span = @3; PUSH($$->stages, $3); }
| error recovered "|>" stage    { $$ = NODE(ast_pipeline, @$); PUSH($$->stages, $4); }
| pipeline "|>" error           { $$ = $1; if (yychar != T_RIGHT_PAREN) RECOVERED; }

operand:
  operand_head                  { $$ = $1; $$.span = @$; }
| operand_head "as" name        { $$ = $1; $$.span = @$; $$.alias = $3; }

operand_head:
  name                          { $$ = (struct ast_operand){ .name = $1 }; }
| "(" pipeline ")"              { $$ = (struct ast_operand){ .pipeline = $2 }; }

operands:
  operand                       { START($$, $1); }
| operands "," operand          { $$ = $1; PUSH($$, $3); }

opt_as: %empty { $$ = NO_NAME; } | "as" name { $$ = $2; }

stage:
  "where" expr                  { $$ = ast_stage(p, AST_STAGE_WHERE, @1); $$->where = $2; }
| "select" items                { $$ = ast_items_stage(p, AST_STAGE_SELECT, @1, $2); }
| "let" items                   { $$ = ast_items_stage(p, AST_STAGE_LET, @1, $2); }
| "rename" items                { $$ = ast_items_stage(p, AST_STAGE_RENAME, @1, $2); }
| "key" "by" items              { $$ = ast_items_stage(p, AST_STAGE_KEY, span_join(@1, @2), $3); }
| "drop" names                  { $$ = ast_stage(p, AST_STAGE_DROP, @1); $$->drop = $2; }
| "explode" name "=" expr       { $$ = ast_explode(p, @1, $2, $4); }
| "time" expr "watermark" watermark { $$ = ast_time(p, @1, $2, $4); }
| "window" window               { $$ = ast_stage(p, AST_STAGE_WINDOW, @1); $$->window = $2; }
| "aggregate" items opt_keep    { $$ = ast_grouping(p, AST_STAGE_AGGREGATE, @1, $2, $3); }
| "reduce" items opt_keep       { $$ = ast_grouping(p, AST_STAGE_REDUCE, @1, $2, $3); }
| "distinct" items opt_keep     { $$ = ast_grouping(p, AST_STAGE_DISTINCT, @1, $2, $3); }
| "distinct" opt_keep           { $$ = ast_grouping(p, AST_STAGE_DISTINCT, @1, NO_ITEMS, $2); }
| top "by" orders opt_keep      { $$ = $1; $$->top.by = $3; $$->top.keep = $4; }
| "first" opt_by opt_keep       { $$ = ast_pick(p, AST_STAGE_FIRST, @1, $2, NULL, $3); }
| "last" opt_by opt_delete opt_keep { $$ = ast_pick(p, AST_STAGE_LAST, @1, $2, $3, $4); }
| over
| "union" operands              { $$ = ast_stage(p, AST_STAGE_UNION, @1); $$->with = $2; }
| "hold" "until" expr opt_late  { $$ = ast_hold(p, span_join(@1, @2), $3, $4); }
| "changes"                     { $$ = ast_stage(p, AST_STAGE_CHANGES, @1); }
| join
| "lookup" name opt_as "on" expr { $$ = ast_lookup(p, @1, false, $2, $3, $5); }
| "left" "lookup" name opt_as "on" expr
                                { $$ = ast_lookup(p, span_join(@1, @2), true, $3, $4, $6); }
| "process" "{" process end_of_body { $$ = ast_stage(p, AST_STAGE_PROCESS, @1); $$->process = $3; }
| "match" "(" steps ")" match "select" items { $$ = ast_match_stage(p, @1, $5, $3, $7); }
| "parallel" const              { $$ = ast_stage(p, AST_STAGE_PARALLEL, @1); $$->parallel = $2; }
| "on" "core" const             { $$ = ast_on(p, span_join(@1, @2), AST_PLACE_CORE, $3); }
| "on" "node" const             { $$ = ast_on(p, span_join(@1, @2), AST_PLACE_NODE, $3); }
| "break"                       { $$ = ast_stage(p, AST_STAGE_BREAK, @1); }
| "into" call                   { $$ = ast_stage(p, AST_STAGE_INTO, @1); $$->into = $2; }

top:
  "top" const                   { $$ = ast_stage(p, AST_STAGE_TOP, @1); $$->top.count = $2; }
| top "with" "ties"             { $$ = $1; FLAG($$->top.with_ties, span_join(@2, @3)); }
| top "as" name                 { $$ = $1; ONCE($$->top.rank, $3, @3); }

opt_by: %empty { $$ = (struct ast_orders){ 0 }; } | "by" orders { $$ = $2; }

opt_delete: %empty { $$ = NULL; } | "delete" "when" expr { $$ = $3; }

over:
  "over" const opt_unit items   { $$ = ast_over(p, @1, ast_over_unit(@3), $2, $4); }
| "over" "all" items            { $$ = ast_over(p, @1, AST_OVER_ALL, NULL, $3); }
| over keep                     { $$ = $1; ONCE($$->over.keep, $2, @2); }
| over late                     { $$ = $1; ONCE($$->over.late, $2, @2); }

opt_unit: %empty %prec UNIT_LEFT_OUT | "rows"

join:
  join_kind operand opt_on      { $$ = ast_join(p, @1, $1, $2, $3); }
| join "same" "window"          { $$ = $1; FLAG($$->join.same_window, span_join(@2, @3)); }
| join keep                     { $$ = $1; ONCE($$->join.keep, $2, @2); }
| join late                     { $$ = $1; ONCE($$->join.late, $2, @2); }

join_kind:
  "join"                        { $$ = AST_JOIN_INNER; }
| "left" "join"                 { $$ = AST_JOIN_LEFT; }
| "right" "join"                { $$ = AST_JOIN_RIGHT; }
| "full" "join"                 { $$ = AST_JOIN_FULL; }
| "semi" "join"                 { $$ = AST_JOIN_SEMI; }
| "anti" "join"                 { $$ = AST_JOIN_ANTI; }
| "asof" "join"                 { $$ = AST_JOIN_ASOF; }
| "left" "asof" "join"          { $$ = AST_JOIN_LEFT_ASOF; }

opt_on: %empty { $$ = NULL; } | "on" expr { $$ = $2; }

items:
  item                          { START($$, $1); }
| items "," item                { $$ = $1; PUSH($$, $3); }

item:
  expr                          { $$ = (struct ast_item){ AST_ITEM_EXPR, @$, NO_NAME, $1 }; }
| name "=" expr                 { $$ = (struct ast_item){ AST_ITEM_EXPR, @$, $1, $3 }; }
| "*"                           { $$ = (struct ast_item){ AST_ITEM_ALL, @$, NO_NAME, NULL }; }
| postfix "." "*"               { $$ = (struct ast_item){ AST_ITEM_SPREAD, @$, NO_NAME, $1 }; }

orders:
  order                         { START($$, $1); }
| orders "," order              { $$ = $1; PUSH($$, $3); }

order:
  expr                          { $$ = (struct ast_order){ $1, false }; }
| expr "asc"                    { $$ = (struct ast_order){ $1, false }; }
| expr "desc"                   { $$ = (struct ast_order){ $1, true }; }

/* --- windows --- */

window:
  window_shape                  { $$ = $1; $$->span = @$; }
| window_shape "wall"           { $$ = $1; $$->span = @1; $$->wall = @2; }
| window "offset" const         { $$ = $1; ONCE($$->offset, $3, @2); }
| window "lateness" const       { $$ = $1; ONCE($$->lateness, $3, @2); }
| window late                   { $$ = $1; ONCE($$->late, $2, @2); }
| window "emit" triggers        { $$ = $1; ONCE($$->triggers, $3, @2); $$->emit = @2; }
| window "accumulating"         { $$ = $1; MODE($$, AST_ACCUMULATING, @2); }
| window "discarding"           { $$ = $1; MODE($$, AST_DISCARDING, @2); }
| window "retracting"           { $$ = $1; MODE($$, AST_RETRACTING, @2); }

window_shape:
  "tumbling" const              { $$ = WINDOW(TUMBLING, .size = $2); }
| "tumbling" calendar opt_zone  { $$ = WINDOW(CALENDAR, .unit = $2, .zone = $3); }
| "sliding" const "every" const { $$ = WINDOW(SLIDING, .size = $2, .every = $4); }
| "session" const               { $$ = WINDOW(SESSION, .size = $2); }
| "global"                      { $$ = WINDOW(GLOBAL); }
| "same"                        { $$ = WINDOW(SAME); }
| "rows" const opt_every   { $$ = WINDOW(ROWS, .size = $2, .every = $3); }

calendar:
  "day"                         { $$ = AST_DAY; }
| "week"                        { $$ = AST_WEEK; }
| "month"                       { $$ = AST_MONTH; }
| "year"                        { $$ = AST_YEAR; }

opt_zone: %empty { $$ = NULL; } | "zone" "a string" { $$ = ast_text(p, @2, $2); }

opt_every: %empty { $$ = NULL; } | "every" const { $$ = $2; }

triggers:
  trigger                       { START($$, $1); }
| triggers "," trigger          { $$ = $1; PUSH($$, $3); }

trigger:
  early_or_late "every" const   { $$ = (struct ast_trigger){ @$, $1, AST_EVERY_TIME, $3 }; }
| early_or_late "every" const "wall" { $$ = (struct ast_trigger){ @$, $1, AST_EVERY_WALL, $3 }; }
| early_or_late "every" const "rows" { $$ = (struct ast_trigger){ @$, $1, AST_EVERY_ROWS, $3 }; }
| early_or_late "every" "row"   { $$ = (struct ast_trigger){ @$, $1, AST_EVERY_ROW, NULL }; }

early_or_late:
  "early"                       { $$ = false; }
| "late"                        { $$ = true; }

/* --- match --- */

steps:
  step                          { START($$, $1); }
| steps "then" step             { $$ = $1; $3.link = AST_STEP_THEN; PUSH($$, $3); }
| steps "next" step             { $$ = $1; $3.link = AST_STEP_NEXT; PUSH($$, $3); }

step:
  plain_step opt_where          { $$ = $1; $$.span = @$; $$.where = $2; }
| "not" name opt_where          { $$ = ast_not_step(@$, $2, $3); }

plain_step:
  name                          { $$ = ast_repeat(1, 1); $$.name = $1; }
| name repeat                   { $$ = $2; $$.name = $1; $$.repeated = true; }

repeat:
  "+"                           { $$ = ast_repeat(1, AST_REPEAT_OPEN); }
| "*"                           { $$ = ast_repeat(0, AST_REPEAT_OPEN); }
| "?"                           { $$ = ast_repeat(0, 1); }
| "{" "an integer" "}"          { $$ = ast_repeat($2, $2); }
| "{" "an integer" "," "}"      { $$ = ast_repeat($2, AST_REPEAT_OPEN); }
| "{" "an integer" "," "an integer" "}" { $$ = ast_repeat($2, $4); }

match:
  %empty                        { $$ = NODE(ast_match, 0); }
| match "within" const          { $$ = $1; ONCE($$->within, $3, @2); }
| match "skip" "past" "last"
                { $$ = $1; SKIP($$, AST_SKIP_PAST_LAST, span_join(@2, @4), NO_NAME); }
| match "skip" "to" "next"      { $$ = $1; SKIP($$, AST_SKIP_TO_NEXT, span_join(@2, @4), NO_NAME); }
| match "skip" "to" "first" name { $$ = $1; SKIP($$, AST_SKIP_TO_FIRST, span_join(@2, @5), $5); }
| match "skip" "to" "last" name { $$ = $1; SKIP($$, AST_SKIP_TO_LAST, span_join(@2, @5), $5); }
| match "timeout" "into" name   { $$ = $1; ONCE($$->timeout_into, $4, @2); }
| match late                    { $$ = $1; ONCE($$->late, $2, @2); }
| match keep                    { $$ = $1; ONCE($$->keep, $2, @2); }

/* --- process --- */

process:
  %empty                        { $$ = NODE(ast_process, 0); }
| process state ";"             { $$ = $1; $2->span = @2; PUSH($$->states, *$2); }
| process handler               { $$ = $1; PUSH($$->handlers, $2); }
| process error recovered ";"   { $$ = $1; }

handler:
  "on" "event" block            { $$ = ast_handler(AST_ON_EVENT, span_join(@1, @2), NO_NAME, $3); }
| "on" "timer" opt_timer block  { $$ = ast_handler(AST_ON_TIMER, span_join(@1, @3), $3, $4); }
| "on" "timer" opt_timer "wall" block
                { $$ = ast_handler(AST_ON_TIMER, span_join(@1, @4), $3, $5); $$.wall = @4; }

state:
  "state" name opt_was ":" type opt_initial
                                { $$ = NODE(ast_state, @$, $2, $3, $5, $6); }
| state keep                    { $$ = $1; ONCE($$->keep, $2, @2); }
| state "max" const             { $$ = $1; ONCE($$->max, $3, @2); }

opt_initial: %empty { $$ = NULL; } | "=" expr { $$ = $2; }

opt_timer: %empty { $$ = NO_NAME; } | "a name" { $$ = (struct ast_name){ $1, @1 }; }

block: "{" stmts end_of_body    { $$ = $2; $$.span = @$; }

stmts:
  %empty                        { $$ = (struct ast_block){ 0 }; }
| stmts stmt                    { $$ = $1; PUSH($$, $2); }
| stmts error recovered ";"     { $$ = $1; }

stmt:
  name assign expr ";"          { $$ = ast_assign(p, @$, $1, NULL, $2, $3); }
| name "[" expr "]" assign expr ";" { $$ = ast_assign(p, @$, $1, $3, $5, $6); }
| name "(" opt_exprs ")" ";"    { $$ = ast_call_stmt(p, @$, $1, $3); }
| "let" name "=" expr ";"       { $$ = ast_let_stmt(p, @$, $2, $4); }
| "emit" record opt_into ";"    { $$ = ast_emit(p, @$, $2, $3); }
| "timer" opt_timer "at" expr ";" { $$ = ast_timer(p, @$, $2, $4); }
| "cancel" "timer" opt_timer ";" { $$ = ast_timer(p, @$, $3, NULL); }
| if
| "for" name "in" expr block    { $$ = ast_for(p, @$, $2, $4, $5); }

assign:
  "="                           { $$ = AST_ASSIGN_SET; }
| "+="                          { $$ = AST_ASSIGN_ADD; }
| "-="                          { $$ = AST_ASSIGN_SUBTRACT; }

opt_into: %empty { $$ = NO_NAME; } | "into" name { $$ = $2; }

if:
  "if" "(" expr ")" block       { $$ = ast_if_stmt(p, @$, $3, $5, NO_BLOCK); }
| "if" "(" expr ")" block "else" block { $$ = ast_if_stmt(p, @$, $3, $5, $7); }
| "if" "(" expr ")" block "else" if { $$ = ast_if_stmt(p, @$, $3, $5, ast_block_of(p, $7)); }

/* --- tests --- */

test_steps:
  %empty                        { $$ = (struct ast_test_steps){ 0 }; }
| test_steps test_step ";"      { $$ = $1; $2.span = @2; PUSH($$, $2); }
| test_steps error recovered ";"{ $$ = $1; }

test_step:
  "given" name rows             { $$ = TEST_STEP(GIVEN, .name = $2, .rows = $3); }
| "watermark" name "a timestamp" { $$ = TEST_STEP(WATERMARK, .name = $2, .watermark_ns = $3); }
| "advance" const               { $$ = TEST_STEP(ADVANCE, .by = $2); }
| "restart"                     { $$ = TEST_STEP(RESTART); }
| "end"                         { $$ = TEST_STEP(END); }
| "expect" name rows            { $$ = EXPECT(AST_EXPECT_ANY_ORDER, $2, $3); }
| "expect" "ordered" name rows  { $$ = EXPECT(AST_EXPECT_ORDERED, $3, $4); }
| "expect" "final" name rows    { $$ = EXPECT(AST_EXPECT_FINAL, $3, $4); }

rows:
  "[" "]"                       { $$ = (struct ast_records){ 0 }; }
| "[" records opt_comma "]"     { $$ = $2; }

records:
  record                        { START($$, $1); }
| records "," record            { $$ = $1; PUSH($$, $3); }

record:
  "{" "}"                       { $$ = (struct ast_record){ .span = @$ }; }
| "{" items opt_comma "}"       { $$ = (struct ast_record){ $2, @$ }; }

/* --- expressions --- */

exprs:
  expr                          { START($$, $1); }
| exprs "," expr                { $$ = $1; PUSH($$, $3); }

opt_exprs: %empty { $$ = (struct ast_exprs){ 0 }; } | exprs

expr: and | expr "or" and       { $$ = ast_binary(p, AST_OR, @2, $1, $3); } ;

and: not | and "and" not        { $$ = ast_binary(p, AST_AND, @2, $1, $3); } ;

not: cmp | "not" not            { $$ = ast_unary(p, @$, AST_NOT, $2); } ;

cmp:
  coal
| coal "==" coal                { $$ = ast_binary(p, AST_EQUAL, @2, $1, $3); }
| coal "!=" coal                { $$ = ast_binary(p, AST_NOT_EQUAL, @2, $1, $3); }
| coal "<" coal                 { $$ = ast_binary(p, AST_LESS, @2, $1, $3); }
| coal "<=" coal                { $$ = ast_binary(p, AST_LESS_EQUAL, @2, $1, $3); }
| coal ">" coal                 { $$ = ast_binary(p, AST_GREATER, @2, $1, $3); }
| coal ">=" coal                { $$ = ast_binary(p, AST_GREATER_EQUAL, @2, $1, $3); }
| coal "between" coal "and" coal { $$ = ast_between(p, false, $1, $3, $5); }
| coal "not" "between" coal "and" coal { $$ = ast_between(p, true, $1, $4, $6); }
| coal "in" "(" exprs ")"       { $$ = ast_in(p, @$, false, $1, $4); }
| coal "not" "in" "(" exprs ")" { $$ = ast_in(p, @$, true, $1, $5); }
| coal "is" "null"              { $$ = ast_is_null(p, @$, false, $1); }
| coal "is" "not" "null"        { $$ = ast_is_null(p, @$, true, $1); }

coal: bits | bits "??" coal     { $$ = ast_binary(p, AST_ELSE, @2, $1, $3); } ;

bits: xor | bits "|" xor        { $$ = ast_binary(p, AST_BIT_OR, @2, $1, $3); } ;

xor: band | xor "^" band        { $$ = ast_binary(p, AST_BIT_XOR, @2, $1, $3); } ;

band: shift | band "&" shift    { $$ = ast_binary(p, AST_BIT_AND, @2, $1, $3); } ;

shift:
  sum
| shift "<<" sum                { $$ = ast_binary(p, AST_SHIFT_LEFT, @2, $1, $3); }
| shift ">>" sum                { $$ = ast_binary(p, AST_SHIFT_RIGHT, @2, $1, $3); }

sum:
  product
| sum "+" product               { $$ = ast_binary(p, AST_ADD, @2, $1, $3); }
| sum "-" product               { $$ = ast_binary(p, AST_SUBTRACT, @2, $1, $3); }

product:
  unary
| product "*" unary             { $$ = ast_binary(p, AST_MULTIPLY, @2, $1, $3); }
| product "/" unary             { $$ = ast_binary(p, AST_DIVIDE, @2, $1, $3); }
| product "%" unary             { $$ = ast_binary(p, AST_REMAINDER, @2, $1, $3); }

unary:
  cast
| "-" unary                     { $$ = ast_unary(p, @$, AST_NEGATE, $2); }
| "~" unary                     { $$ = ast_unary(p, @$, AST_BIT_NOT, $2); }

cast: postfix | cast "as" type  { $$ = ast_cast(p, @$, $1, $3); } ;

postfix:
  primary
| postfix "." name              { $$ = ast_field(p, @$, $1, $3); }
| postfix "[" expr "]"          { $$ = ast_index(p, @$, $1, $3); }

primary:
  literal
| name                          { $$ = ast_expr(p, AST_EXPR_NAME, @$); $$->name = $1.text; }
| name "(" args ")"             { $$ = ast_call(p, @$, $1, $3); }
| "(" expr ")"                  { $$ = $2; $$->span = @$; }
| "if" "(" expr "," expr "," expr ")" { $$ = ast_if(p, @$, $3, $5, $7); }
| "case" whens opt_else "end"   { $$ = ast_case(p, @$, $2, $3); }
| "[" opt_exprs "]"             { $$ = ast_list(p, @$, $2); }
| record                        { $$ = ast_record(p, @$, $1.items); }

args:
  opt_exprs opt_where           { $$ = ast_args(p, (struct span){ 0 }, $1, $2); }
| "distinct" opt_exprs opt_where { $$ = ast_args(p, @1, $2, $3); }

opt_where: %empty { $$ = NULL; } | "where" expr { $$ = $2; }

whens:
  "when" expr "then" expr       { START($$, ((struct ast_when){ $2, $4 })); }
| whens "when" expr "then" expr { $$ = $1; PUSH($$, ((struct ast_when){ $3, $5 })); }

opt_else: %empty { $$ = NULL; } | "else" expr { $$ = $2; }

literal:
  "null"                        { $$ = ast_expr(p, AST_EXPR_NULL, @$); }
| "true"                        { $$ = ast_expr(p, AST_EXPR_BOOL, @$); $$->boolean = true; }
| "false"                       { $$ = ast_expr(p, AST_EXPR_BOOL, @$); }
| "an integer"                  { $$ = ast_expr(p, AST_EXPR_INT, @$); $$->integer = $1; }
| "a number"                    { $$ = ast_real(p, @$, $1); }
| "a string"                    { $$ = ast_text(p, @$, $1); }
| "a duration"                  { $$ = ast_expr(p, AST_EXPR_DURATION, @$); $$->duration_ns = $1; }
| "a size"                      { $$ = ast_expr(p, AST_EXPR_SIZE, @$); $$->size_bytes = $1; }
| "a timestamp"                 { $$ = ast_expr(p, AST_EXPR_TIMESTAMP, @$); $$->timestamp_ns = $1; }
| "a date"                      { $$ = ast_expr(p, AST_EXPR_DATE, @$); $$->date_days = $1; }

/* --- names: any word but the reserved ones --- */

name:
  "a name"                      { $$ = (struct ast_name){ $1, @1 }; }
| word                          { $$ = ast_word(p, @1); }

word:
  "accumulating" | "add" | "advance" | "aggregate" | "ahead" | "all" | "anti" | "asc"
  | "ascending" | "asof" | "at" | "break" | "by" | "cache" | "cancel" | "capacity" | "changes"
  | "core" | "day" | "delete" | "desc" | "discarding" | "drop" | "early" | "emit" | "enum"
  | "event" | "every" | "expect" | "explode" | "extern" | "fail" | "failed" | "final" | "first"
  | "flush" | "fn" | "for" | "forever" | "from" | "full" | "given" | "global" | "hold" | "idle"
  | "into" | "join" | "keep" | "key" | "lag" | "last" | "late" | "lateness" | "left" | "let"
  | "list" | "lookup" | "malformed" | "map" | "match" | "max" | "merge" | "month" | "never"
  | "next" | "node" | "offset" | "on" | "ordered" | "over" | "parallel" | "param" | "past"
  | "process" | "reduce" | "reload" | "remote" | "rename" | "restart" | "result" | "retract"
  | "retracting" | "retry" | "right" | "row" | "rows" | "same" | "select" | "semi" | "session"
  | "set" | "skip" | "sliding" | "source" | "state" | "stream" | "table" | "test" | "ties"
  | "time" | "timeout" | "timer" | "to" | "top" | "tumbling" | "type" | "union" | "unordered"
  | "until" | "use" | "wall" | "was" | "watermark" | "week" | "window" | "with" | "within"
  | "year" | "zone"

%%

/* Bison calls this when its stacks are full, and for nothing else: syntax errors have their own
   report. */
static void flow_error(struct span *span, struct parser *p, const char *message) {
    ast_too_deep(p, *span);
}

static const char *kind_name(int kind) { return yysymbol_name((yysymbol_kind_t)kind); }

int flow_word(const char *at, size_t size) {
    int low = YYSYMBOL_ACCUMULATING, high = YYSYMBOL_ZONE; /* token numbers run like symbol kinds */
    while (low <= high) {
        int middle = low + (high - low) / 2;
        const char *word = kind_name(middle);
        int order = strncmp(at, word, size);
        if (order == 0 && word[size]) order = -1;
        if (order == 0) return T_ACCUMULATING + (middle - YYSYMBOL_ACCUMULATING);
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return T_IDENT;
}

static bool is_word(int kind) { return kind >= YYSYMBOL_ACCUMULATING && kind <= YYSYMBOL_ZONE; }

static bool is_reserved(int kind) {
    switch (kind) {
    case YYSYMBOL_AND: case YYSYMBOL_OR: case YYSYMBOL_NOT: case YYSYMBOL_IN: case YYSYMBOL_IS:
    case YYSYMBOL_BETWEEN: case YYSYMBOL_AS: case YYSYMBOL_CASE: case YYSYMBOL_WHEN:
    case YYSYMBOL_THEN: case YYSYMBOL_ELSE: case YYSYMBOL_END: case YYSYMBOL_IF:
    case YYSYMBOL_TRUE: case YYSYMBOL_FALSE: case YYSYMBOL_NULL: case YYSYMBOL_WHERE:
    case YYSYMBOL_DISTINCT: return true;
    }
    return false;
}

const char *flow_word_text(u32 number) {
    return is_word(YYSYMBOL_ACCUMULATING + (int)number)
               ? kind_name(YYSYMBOL_ACCUMULATING + (int)number)
               : NULL;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p) {
    yysymbol_kind_t kinds[YYNTOKENS];
    const char *names[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
    if (count < 0) return count;
    struct syntax_error error = { .expected = names,
                                  .is_reserved = is_reserved(yypcontext_token(context)) };
    u32 words = 0, all_words = 0;
    for (int kind = YYSYMBOL_ACCUMULATING; kind <= YYSYMBOL_ZONE; kind++)
        all_words += !is_reserved(kind);
    for (int i = 0; i < count; i++) words += is_word(kinds[i]) && !is_reserved(kinds[i]);
    error.wants_name = words == all_words;
    for (int i = 0; i < count; i++)
        if (!error.wants_name || !is_word(kinds[i]) || is_reserved(kinds[i]))
            names[error.count++] = kind_name(kinds[i]);
    parse_syntax_error(p, &error);
    return 0;
}
