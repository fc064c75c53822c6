#include <stdlib.h>
#include <string.h>

#include "runtime/base/prng.h"
#include "tests/dsl/front.h"
#include "tests/fuzz/mutate.h"
#include "tests/support/suite.h"

#define CASES 4000

/* Whatever the bytes: the parser ends, what it says can be printed, and a silent parse has a tree
   that can be printed. */
static void survive(const char *bytes, size_t size) {
    struct front f;
    front_open_bytes(&f, bytes, size);
    const char *out = front_diags(&f, DIAG_PLAIN);
    CHECK_EQ(*out != 0, f.parse.diags.count > 0);
    front_diags(&f, DIAG_JSON);
    front_ast(&f);
    front_close(&f);
}

static void mutated_jobs_neither_crash_nor_hang(void) {
    static const char *const names[] = { "grammar", "queries", "process", "late_rows", "tutorial" };
    struct prng prng;
    prng_init(&prng, 1);
    struct text_buf text;
    text_buf_init(&text);
    for (u32 n = 0; n < sizeof names / sizeof *names; n++) {
        char path[4096];
        size_t size;
        strcpy(path, FLOW_DIR "/good/");
        strcat(path, names[n]);
        char *job = front_read(strcat(path, ".flow"), &size);
        if (!CHECK(job)) break;
        for (u32 i = 0; i < CASES / 5; i++) {
            mutate(&prng, job, size, &text);
            survive(text.at, text.size);
        }
        free(job);
    }
    text_buf_fini(&text);
}

static void random_bytes_neither_crash_nor_hang(void) {
    static const char letters[] = "ab1.@\"'`\\/*|>;:,=+-<()[]{}? \n_x\t#!$~&^%";
    struct prng prng;
    prng_init(&prng, 2);
    char bytes[600];
    for (u32 i = 0; i < CASES / 2; i++) {
        size_t size = prng_below(&prng, sizeof bytes);
        bool raw = prng_chance(&prng, 1, 4);
        for (size_t k = 0; k < size; k++)
            bytes[k] =
                raw ? (char)prng_next(&prng) : letters[prng_below(&prng, sizeof letters - 1)];
        survive(bytes, size);
    }
}

/* A text of many megabytes is read in a time that grows with its size only. */
static void long_runs_of_anything_take_linear_time(void) {
    static const char *const runs[] = {
        "a", "'\\", "\"\\", "/*", "`", "|>",       "$",         "{",
        "(", "1e",  "1m",   "\n", "@", "\xC3\xA9", "a |> b c;", "f((((a b;\nstream c = d (\n"
    };
    for (u32 i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct text_buf text;
        text_buf_init(&text);
        while (text.size < 1 << 20) text_buf_str(&text, runs[i]);
        survive(text.at, text.size);
        text_buf_fini(&text);
    }
}

static const struct test tests[] = {
    TEST(mutated_jobs_neither_crash_nor_hang),
    TEST(random_bytes_neither_crash_nor_hang),
    TEST(long_runs_of_anything_take_linear_time),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("parse_fuzz", tests, argc, argv);
}
