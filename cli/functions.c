#include "cli/commands.h"

#include "dsl/functions.h"

#include <stdio.h>
#include <string.h>

/* "string", "i64", ... of a letter of functions.def. */
static const char *letter_name(char letter) {
    switch (letter) {
    case 'L':
        return "list<string>";
    case 'N':
        return "number";
    case 'T':
    case 'X':
        return "any";
    case 'R':
        return "regex";
    case 'P':
        return "template";
    case 'F':
        return "format";
    case 'U':
        return "unit";
    case 'D':
        return "duration";
    }
    return type_kind_name(function_letter_type(letter));
}

static void print_signature(const struct function *f) {
    char text[256];
    int at = snprintf(text, sizeof text, "%s(", f->name);
    const char *comma = "";
    for (const char *a = f->args; *a; a++) {
        if (*a == '?') continue;
        if (*a == '*') {
            at += snprintf(text + at, sizeof text - (size_t)at, "...");
        } else {
            at += snprintf(text + at, sizeof text - (size_t)at, "%s%s", comma, letter_name(*a));
            comma = ", ";
        }
    }
    snprintf(text + at, sizeof text - (size_t)at, "): %s%s", letter_name(f->result[0]),
             function_may_fail(f) ? "?" : "");
    printf("  %-58s %s\n", text, f->doc);
}

int command_functions(int argc, char **argv) {
    static const char *const known[] = { "--help", NULL };
    if (argc && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))) {
        printf("millrace functions\n\nLists the functions and aggregates of the language.\n");
        return EXIT_OK;
    }
    if (argc) return usage_error("functions", argv[0], known);
    printf("Functions. Null in, null out; a result `T?` is null where there is none.\n\n");
    for (u32 i = 0; i < FUNCTION_COUNT; i++)
        if (functions[i].form != FUNCTION_LATER) print_signature(&functions[i]);
    printf("\nAggregates, each with `where`. Nulls are skipped.\n\n");
    for (u32 i = 0; i < aggregate_count; i++)
        if (!aggregates[i].later) printf("  %-58s %s\n", aggregates[i].name, aggregates[i].doc);
    printf("\nNot supported yet:");
    for (u32 i = 0; i < FUNCTION_COUNT; i++)
        if (functions[i].form == FUNCTION_LATER) printf(" %s", functions[i].name);
    for (u32 i = 0; i < aggregate_count; i++)
        if (aggregates[i].later) printf(" %s", aggregates[i].name);
    printf("\n");
    return EXIT_OK;
}
