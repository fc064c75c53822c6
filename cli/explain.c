#include "cli/commands.h"

#include "dsl/emit.h"
#include "dsl/physical.h"
#include "io/connector.h"
#include "runtime/base/error.h"

#include <stdio.h>
#include <string.h>

/* The passes, in order; each shows what it made of the job. */
enum pass { PASS_AST, PASS_TYPED, PASS_LOGICAL, PASS_PHYSICAL, PASS_PLACEMENT, PASS_C, PASS_COUNT };
static const char *const pass_names[] = { "ast",       "typed", "logical", "physical",
                                          "placement", "c",     NULL };

static void print_connectors(void) {
    for (const struct connector *const *c = connectors; *c; c++)
        printf("\n%-10s %s%s%s: %s", (*c)->name, (*c)->source ? "source" : "",
               (*c)->source && (*c)->can_sink ? ", " : "", (*c)->can_sink ? "sink" : "", (*c)->doc);
    printf("\n");
}

static int explain_code(const char *name) {
    enum diag_code code;
    if (!diag_code_find(name, &code)) {
        fprintf(stderr, "millrace explain: there is no diagnostic `%s`\n", name);
        return EXIT_USAGE;
    }
    printf("%s: %s\n\n%s\n", name, diag_code_title(code), diag_code_explanation(code));
    if (code == E0501) print_connectors();
    return EXIT_OK;
}

struct request {
    const char *path, *topology;
    enum pass pass;
    u32 parallel;
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count;
};

/* Everything behind the checker. */
static int show_plan(const struct request *r, struct compilation *c, struct text_buf *to) {
    struct physical *plan = physical_plan(&c->arena, c->logical);
    if (r->pass == PASS_PHYSICAL) physical_print(plan, to);
    if (r->pass == PASS_PLACEMENT) return show_placement(plan, r->parallel, r->topology, to);
    if (r->pass == PASS_C) job_emit(plan, &c->parse.texts, job_name(&c->arena, r->path), to);
    return 0;
}

static int show(const struct request *r) {
    struct compilation c;
    struct text_buf text;
    text_buf_init(&text);
    int status;
    if (r->pass == PASS_AST) {
        status = compile_parse(&c, r->path, NULL);
        if (!status) ast_print(c.parse.files[0], &text);
    } else if (r->pass == PASS_TYPED) {
        status = compile_parse(&c, r->path, NULL);
        struct logical *typed =
            status ? NULL : check_typed(&c.parse, &c.parse.diags, r->sets, r->set_count, &c.arena);
        if (!status) status = compile_said(&c, typed, NULL);
        if (typed) typed_print(typed, &text);
    } else {
        status = compile_front(&c, r->path, r->sets, r->set_count, NULL);
        if (!status && r->pass == PASS_LOGICAL) logical_print(c.logical, &text);
        if (!status && r->pass > PASS_LOGICAL) status = show_plan(r, &c, &text);
    }
    fwrite(text.at, 1, text.size, stdout);
    text_buf_fini(&text);
    compile_fini(&c);
    return status;
}

static int help(void) {
    printf(
        "millrace explain FILE [--show ast|typed|logical|physical|placement|c] [--set NAME=VALUE]\n"
        "millrace explain FILE --show placement [-p N] [--topology \"node:2 core:16 pu:2\"]\n"
        "millrace explain CODE\n\n"
        "Shows what a pass of the compiler makes of a job (logical, unless told otherwise), or "
        "explains a\n"
        "diagnostic's code such as E0431.\n\n"
        "  --topology T  placement on a machine that is not here, in hwloc's synthetic form\n");
    return EXIT_OK;
}

int command_explain(int argc, char **argv) {
    static const char *const known[] = { "--show", "--set", "--topology", "-p", "--help", NULL };
    struct request r = { .pass = PASS_LOGICAL };
    for (int at = 0; at < argc;) {
        const char *value;
        u64 count;
        if (take_option(argc, argv, &at, "--show", &value)) {
            for (r.pass = 0; r.pass < PASS_COUNT && strcmp(value, pass_names[r.pass]);) r.pass++;
            if (r.pass == PASS_COUNT) return usage_error("explain --show", value, pass_names);
        } else if (take_option(argc, argv, &at, "--topology", &value)) {
            r.topology = value;
        } else if (take_option(argc, argv, &at, "-p", &value)) {
            if (!parse_count(value, &count) || !count || count > 128) {
                fprintf(stderr, "millrace explain: `-p %s`: a number from 1 to 128\n", value);
                return EXIT_USAGE;
            }
            r.parallel = (u32)count;
        } else if (take_setting(argc, argv, &at, r.sets, &r.set_count)) {
            continue;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            return help();
        } else if (argv[at][0] == '-') {
            return usage_error("explain", argv[at], known);
        } else {
            r.path = argv[at++];
        }
    }
    if (!r.path) {
        fprintf(stderr, "millrace explain: which file, or which code?\n");
        return EXIT_USAGE;
    }
    enum diag_code code;
    if (diag_code_find(r.path, &code) ||
        (r.path[0] == 'E' && strlen(r.path) == 5 && !strchr(r.path, '.')))
        return explain_code(r.path);
    return show(&r);
}
