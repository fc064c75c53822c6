#include "cli/commands.h"

#include "runtime/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool take_option(int argc, char **argv, int *at, const char *name, const char **value) {
    size_t n = strlen(name);
    if (strncmp(argv[*at], name, n)) return false;
    if (argv[*at][n] == '=') {
        *value = argv[*at] + n + 1;
        ++*at;
        return true;
    }
    if (argv[*at][n]) return false;
    if (*at + 1 >= argc) {
        fprintf(stderr, "millrace: `%s` needs a value\n", name);
        exit(EXIT_USAGE);
    }
    *value = argv[*at + 1];
    *at += 2;
    return true;
}

bool take_flag(char **argv, int *at, const char *name) {
    if (strcmp(argv[*at], name)) return false;
    ++*at;
    return true;
}

bool take_setting(int argc, char **argv, int *at, struct param_setting *sets, u32 *count) {
    const char *value;
    if (!take_option(argc, argv, at, "--set", &value)) return false;
    char *equals = strchr(value, '=');
    if (!equals || equals == value) {
        fprintf(stderr, "millrace: `--set %s` is not `--set name=value`\n", value);
        exit(EXIT_USAGE);
    }
    if (*count == SETTINGS_MAX) {
        fprintf(stderr, "millrace: more than %d times --set\n", SETTINGS_MAX);
        exit(EXIT_USAGE);
    }
    *equals = 0; /* argv is the process's own */
    sets[(*count)++] = (struct param_setting){ value, equals + 1 };
    return true;
}

int usage_error(const char *command, const char *word, const char *const *known) {
    size_t count = 0;
    while (known[count]) count++;
    const char *near = diag_nearest(word, known, count);
    fprintf(stderr, "millrace %s: `%s` is not known here%s%s%s\n", command, word,
            near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    fprintf(stderr, "help: millrace %s --help\n", command);
    return EXIT_USAGE;
}

/* Of two arrays, one behind the other, one: `[..]\n[..]\n`, where `[]\n` is an empty one. */
static void join_arrays(struct text_buf *json, size_t second) {
    const size_t empty = 3;
    if (json->size == second + empty) {
        json->size = second;
    } else if (second == empty) {
        memmove(json->at, json->at + empty, json->size -= empty);
    } else {
        memcpy(json->at + second - 2, ",\n ", 3);
    }
}

static void show_diags(const struct compilation *c, struct text_buf *json) {
    if (json) {
        size_t before = json->size;
        diag_print(&c->parse.diags, &c->parse.texts, DIAG_JSON, json);
        if (before) join_arrays(json, before);
        return;
    }
    struct text_buf text;
    text_buf_init(&text);
    diag_print(&c->parse.diags, &c->parse.texts,
               isatty(2) && !getenv("NO_COLOR") ? DIAG_COLOUR : DIAG_PLAIN, &text);
    fwrite(text.at, 1, text.size, stderr);
    text_buf_fini(&text);
}

int compile_parse(struct compilation *c, const char *path, struct text_buf *json) {
    *c = (struct compilation){ 0 };
    arena_init(&c->arena);
    parse_init(&c->parse, &c->arena);
    if (parse_file(&c->parse, path)) {
        fprintf(stderr, "millrace: %s\n", error_text());
        return error_number() == ENOENT ? EXIT_NOT_FOUND : EXIT_INVALID;
    }
    if (!c->parse.diags.error_count) return 0;
    show_diags(c, json);
    return EXIT_INVALID;
}

/* What is wrong is how the job was called: a param that it has not, or without a fit value. */
static bool lacks_only_params(const struct diags *diags) {
    for (u32 i = 0; i < diags->count; i++)
        if (diags->at[i]->level == DIAG_ERROR && diags->at[i]->code != E0208) return false;
    return true;
}

int compile_said(const struct compilation *c, const struct logical *checked,
                 struct text_buf *json) {
    show_diags(c, json);
    return checked ? 0 : lacks_only_params(&c->parse.diags) ? EXIT_USAGE : EXIT_INVALID;
}

int compile_front(struct compilation *c, const char *path, const struct param_setting *sets,
                  u32 set_count, struct text_buf *json) {
    int status = compile_parse(c, path, json);
    if (status) return status;
    c->typed = check_typed(&c->parse, &c->parse.diags, sets, set_count, &c->arena);
    if (c->typed) c->logical = logical_plan(c->typed, &c->arena);
    return compile_said(c, c->typed, json);
}

void compile_fini(struct compilation *c) {
    arena_fini(&c->arena);
}

bool parse_count(const char *text, u64 *count) {
    char *end;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    *count = strtoull(text, &end, 10);
    return !errno && !*end;
}
