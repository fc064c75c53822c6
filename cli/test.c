#include "cli/test.h"
#include "cli/commands.h"

#include "dsl/build.h"
#include "dsl/emit.h"
#include "dsl/physical.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"
#include "runtime/exec/loader.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNTS_MAX 16u
#define WORKERS_MAX 32u
#define SEEDS 5u /* unless one is said */
#define COMPILERS 2u

struct request {
    char **paths; /* at the front of argv, when its options are read */
    int path_count;
    const char *junit;
    u32 counts[COUNTS_MAX], count_count;
    u64 seed; /* 0: none was said */
    bool crash;
    struct param_setting sets[SETTINGS_MAX];
    u32 set_count;
};

/* All that was run. */
struct session {
    const struct request *request;
    struct arena arena; /* of what is told */
    struct test_way *ways;
    u32 way_count;
    struct test_result *results;
    u32 count, room, passed;
    int status;
};

/* ---- ways ---- */

static void add_way(struct session *s, struct test_way way) {
    s->ways[s->way_count++] = way;
}

static void add_ways(struct session *s, bool killed) {
    const struct request *r = s->request;
    bool all = !r->count_count && !r->seed;
    for (u32 i = 0; i < r->count_count; i++)
        add_way(s, (struct test_way){ r->counts[i], .killed = killed });
    if (all) {
        add_way(s, (struct test_way){ .workers = 1, .killed = killed });
        add_way(s, (struct test_way){ .workers = 3, .killed = killed });
    }
    for (u64 seed = 1; all && seed <= SEEDS; seed++)
        add_way(s, (struct test_way){ .seed = seed, .killed = killed });
    if (r->seed) add_way(s, (struct test_way){ .seed = r->seed, .killed = killed });
}

/* ---- compiling: tests of a file side by side ---- */

struct object {
    struct text_buf text;
    struct build build;
    char *why; /* it failed; else null */
};

struct works {
    struct object *objects;
    u32 count;
    _Atomic u32 next;
};

static void compile_some(void *arg) {
    struct works *w = arg;
    for (u32 i; (i = atomic_fetch_add(&w->next, 1)) < w->count;) {
        struct object *o = &w->objects[i];
        o->build.debug = true;
        if (build_job(o->text.at, o->text.size, &o->build)) o->why = strdup(error_text());
    }
}

static void compile_tests(const struct compilation *c, struct object *objects, const char *name) {
    struct works w = { .objects = objects, .count = c->logical->test_count };
    struct env env = env_real();
    struct env_thread threads[COMPILERS];
    struct arena arena;
    arena_init(&arena);
    for (u32 i = 0; i < w.count; i++) {
        text_buf_init(&objects[i].text);
        const struct logical *plan = test_plan(c->typed, &c->logical->tests[i], &arena);
        job_emit(physical_plan(&arena, plan), &c->parse.texts, name, &objects[i].text);
    }
    arena_fini(&arena);
    u32 started = 0;
    for (; started < COMPILERS && started < w.count; started++)
        if (env_thread_start(&env, &threads[started], "compile", compile_some, &w)) break;
    if (!started) compile_some(&w);
    while (started > 0) env_thread_join(&env, &threads[--started]);
}

/* ---- running ---- */

static const char *told(struct session *s, const struct compilation *c,
                        const struct test_failure *f) {
    struct text_buf text;
    text_buf_init(&text);
    if (span_is_somewhere(f->span))
        diag_place_print(&c->parse.texts, f->span, f->message, &text);
    else
        text_buf_printf(&text, "%s\n", f->message);
    if (f->rows.size) text_buf_put(&text, f->rows.at, f->rows.size);
    const char *copy = arena_copy(&s->arena, text.at, text.size);
    text_buf_fini(&text);
    return copy;
}

static void run_ways(struct session *s, const struct compilation *c, const struct ttest *test,
                     const struct job *job, struct test_result *result) {
    result->passed = true;
    for (u32 i = 0; i < s->way_count && result->passed; i++) {
        struct arena arena;
        struct test_failure failure;
        arena_init(&arena);
        result->passed = test_run(test, job, &s->ways[i], &arena, &failure);
        if (!result->passed) {
            struct text_buf way;
            text_buf_init(&way);
            test_way_print(&s->ways[i], &way);
            result->way = arena_copy(&s->arena, way.at, way.size);
            result->told = told(s, c, &failure);
            text_buf_fini(&way);
        }
        text_buf_fini(&failure.rows);
        arena_fini(&arena);
    }
}

static void run_object(struct session *s, const struct compilation *c, const struct ttest *test,
                       struct object *object, struct test_result *result) {
    struct loaded_job loaded;
    int failed = object->why ? -1 : loader_open(object->build.path, &loaded);
    if (failed && object->build.cached) { /* it was cut off or written over: compiled once more */
        unlink(object->build.path);
        failed = build_job(object->text.at, object->text.size, &object->build) ||
                 loader_open(object->build.path, &loaded);
    }
    if (failed) {
        result->told = arena_printf(&s->arena, "%s\n", object->why ? object->why : error_text());
        return;
    }
    run_ways(s, c, test, loaded.job, result);
    loader_close(&loaded);
}

static void run_test(struct session *s, const struct compilation *c, const char *path,
                     const struct ttest *test, struct object *object) {
    struct env env = env_real();
    i64 began_ns = env_mono_ns(&env);
    s->results = grown(s->results, s->count, &s->room, sizeof *s->results);
    struct test_result *result = &s->results[s->count++];
    *result = (struct test_result){
        .path = path,
        .title = { arena_copy(&s->arena, test->title.at, test->title.size), test->title.size },
    };
    run_object(s, c, test, object, result);
    result->seconds = (double)(env_mono_ns(&env) - began_ns) / 1e9;
    s->passed += result->passed;
    struct text_buf line;
    text_buf_init(&line);
    test_told(result, &line);
    fwrite(line.at, 1, line.size, stdout);
    text_buf_fini(&line);
}

static void run_tests(struct session *s, const struct compilation *c, const char *path) {
    u32 count = c->logical->test_count;
    struct object *objects = calloc(count + 1, sizeof *objects);
    if (!objects) abort();
    struct arena names;
    arena_init(&names);
    compile_tests(c, objects, job_name(&names, path));
    for (u32 i = 0; i < count; i++) run_test(s, c, path, &c->logical->tests[i], &objects[i]);
    for (u32 i = 0; i < count; i++) {
        text_buf_fini(&objects[i].text);
        free(objects[i].why);
    }
    arena_fini(&names);
    free(objects);
}

static void run_file(struct session *s, const char *path) {
    struct compilation c;
    int status = compile_front(&c, path, s->request->sets, s->request->set_count, NULL);
    if (!status && !c.logical->test_count) fprintf(stderr, "millrace: %s has no tests\n", path);
    if (!status && c.logical->test_count) run_tests(s, &c, path);
    compile_fini(&c);
    if (status > s->status) s->status = status;
}

static int run_files(const struct request *r) {
    struct session s = { .request = r };
    arena_init(&s.arena);
    s.ways = arena_alloc(&s.arena, 2 * (COUNTS_MAX + SEEDS + 2) * sizeof *s.ways);
    add_ways(&s, false);
    if (r->crash) add_ways(&s, true);
    for (int i = 0; i < r->path_count; i++) run_file(&s, r->paths[i]);
    printf("%u passed, %u failed\n", s.passed, s.count - s.passed);
    int status = s.status ? s.status : s.passed == s.count ? EXIT_OK : EXIT_RUN_FAILED;
    if (r->junit && test_junit(r->junit, s.results, s.count)) {
        fprintf(stderr, "millrace test: %s\n", error_text());
        if (!status) status = EXIT_RUN_FAILED;
    }
    free(s.results);
    arena_fini(&s.arena);
    return status;
}

/* ---- the command ---- */

static int help(void) {
    printf(
        "millrace test FILE... [--crash] [--junit FILE] [-p N]... [--seed N] [--set NAME=VALUE]\n\n"
        "Runs the tests of jobs, `test \"name\" { given ...; expect ...; }`, each in several ways "
        "that\n"
        "must make no difference: with one worker and with three, and with the steps of workers, "
        "rings\n"
        "and morsels from seeds. No source or sink of the job is touched; the clock is a virtual "
        "one,\n"
        "from 2000-01-01. Status 1: a test failed; 3: a job is refused.\n\n"
        "  --crash       kills the job at every step and between rows as well, and goes on from a "
        "snapshot\n"
        "  --junit FILE  results as XML, for those who collect them\n"
        "  -p N          with N workers only; may be said again\n"
        "  --seed N      of this seed only, as a failure names it\n");
    return EXIT_OK;
}

static bool take_number(int argc, char **argv, int *at, const char *name, u64 most, u64 *number) {
    const char *value;
    if (!take_option(argc, argv, at, name, &value)) return false;
    if (parse_count(value, number) && *number && *number <= most) return true;
    fprintf(stderr, "millrace test: `%s %s`: a number from 1 to %lu\n", name, value, most);
    exit(EXIT_USAGE);
}

static bool take_workers(int argc, char **argv, int *at, struct request *r) {
    u64 number;
    if (!take_number(argc, argv, at, "-p", WORKERS_MAX, &number)) return false;
    if (r->count_count == COUNTS_MAX) {
        fprintf(stderr, "millrace test: more than %u times -p\n", COUNTS_MAX);
        exit(EXIT_USAGE);
    }
    r->counts[r->count_count++] = (u32)number;
    return true;
}

int command_test(int argc, char **argv) {
    static const char *const known[] = { "--crash", "--junit", "--seed", "--set",
                                         "-p",      "--help",  NULL };
    struct request r = { .paths = argv };
    for (int at = 0; at < argc;) {
        if (take_flag(argv, &at, "--crash")) {
            r.crash = true;
        } else if (take_option(argc, argv, &at, "--junit", &r.junit) ||
                   take_workers(argc, argv, &at, &r) ||
                   take_number(argc, argv, &at, "--seed", INT64_MAX, &r.seed) ||
                   take_setting(argc, argv, &at, r.sets, &r.set_count)) {
            continue;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            return help();
        } else if (argv[at][0] == '-' && argv[at][1]) {
            return usage_error("test", argv[at], known);
        } else {
            argv[r.path_count++] = argv[at++];
        }
    }
    if (r.path_count) return run_files(&r);
    fprintf(stderr, "millrace test: which file? `millrace test FILE...`\n");
    return EXIT_USAGE;
}
