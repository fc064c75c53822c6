#include "tests/dsl/emitted.h"

#include "dsl/build.h"
#include "dsl/check.h"
#include "dsl/emit.h"
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/exec/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what generated code calls back ---- */

static void keep(struct emitted *e, const char *at, size_t size) {
    e->out = realloc(e->out, e->out_size + size + 1);
    ENSURE(e->out);
    memcpy(e->out + e->out_size, at, size);
    e->out_size += size;
    e->out[e->out_size] = 0;
}

static void fire(struct emitted *e, i64 w) {
    for (u32 i = 0; i < e->job->stage_count; i++)
        if (e->state_at[i]) window_watermark(&e->chain, &e->windows[i], w);
}

i64 chain_mark(struct chain *c, i64 t) {
    struct emitted *e = c->engine;
    i64 w = t - e->job->sources[0].lag_ns;
    fire(e, w);
    return t + 1; /* every row that is later than all before it is a mark */
}

void chain_mark_time(struct chain *c, u32 k, i64 t) {
    ENSURE(!"no `time` stage here");
}

bool chain_malformed(struct chain *c, const struct extent *x, u64 at, u64 size,
                     const char *reason) {
    struct emitted *e = c->engine;
    keep(e, "!", 1);
    keep(e, reason, strlen(reason));
    keep(e, "\n", 1);
    return !e->stop;
}

void chain_sink(struct chain *c, u32 stage, const u8 *at, u64 size) {
    keep(c->engine, (const char *)at, size);
}

/* ---- from text to object ---- */

static bool compile(const char *flow, char **c_text, struct build *build) {
    struct arena arena;
    struct parse parse;
    struct text_buf text;
    arena_init(&arena);
    parse_init(&parse, &arena);
    text_buf_init(&text);
    parse_memory(&parse, "t.flow", flow, strlen(flow));
    struct logical *plan =
        parse.diags.error_count ? NULL : check_job(&parse, &parse.diags, NULL, 0, &arena);
    bool done = plan != NULL;
    if (done) {
        job_emit(physical_plan(&arena, plan), &parse.texts, "t", &text);
        done = build_job(text.at, text.size, build) == 0;
        if (!done) fprintf(stderr, "%s\n", error_text());
        *c_text = strdup(text.at);
    } else {
        diag_print(&parse.diags, &parse.texts, DIAG_PLAIN, &text);
        fputs(text.at, stderr);
    }
    text_buf_fini(&text);
    arena_fini(&arena);
    return done;
}

bool emitted_open(struct emitted *e, const char *flow) {
    *e = (struct emitted){ 0 };
    struct build build = { .flags = "-O1 -fsanitize=undefined -fsanitize-undefined-trap-on-error" };
#ifdef __SANITIZE_ADDRESS__
    build.flags = "-O1 -fsanitize=address";
#endif
    struct loaded_job loaded;
    if (!compile(flow, &e->c_text, &build)) return false;
    if (loader_open(build.path, &loaded) != 0) {
        fprintf(stderr, "%s\n", error_text());
        return false;
    }
    e->job = loaded.job;
    e->library = loaded.library;
    struct chain *c = &e->chain;
    *c = (struct chain){ .hash_key = 42,
                         .engine = e,
                         .outlets = e->outlets,
                         .states = e->state_at,
                         .tables = e->table_at,
                         .sources = e->counts,
                         .stages = e->counts,
                         .blackholes = e->blackholes,
                         .mark_next = TIME_NEVER };
    c->hole = aligned_alloc(64, 65536);
    scratch_init(&c->scratch);
    out_init(&c->out);
    for (u32 i = 0; i < e->job->table_count; i++) {
        table_open(&e->tables[i], e->job->tables[i].ops, 42, NULL);
        e->table_at[i] = &e->tables[i];
    }
    for (u32 i = 0; i < e->job->stage_count; i++) {
        const struct job_stage *s = &e->job->stages[i];
        if (!s->keeper) continue;
        ENSURE(window_open(&e->windows[i], s->window, s->ops[JOB_FUSED], 0, SHARDS, 42, NULL) == 0);
        e->state_at[i] = &e->windows[i];
    }
    c->regexes = calloc(e->job->regex_count + 1, sizeof *c->regexes);
    for (u32 i = 0; i < e->job->regex_count; i++) {
        u64 at;
        char why[REGEX_ERROR_ROOM];
        const struct job_regex *r = &e->job->regexes[i];
        struct regex *compiled = regex_compile(r->pattern, r->size, &at, why);
        ENSURE(compiled);
        c->regexes[i] = (struct regex_use){ compiled, regex_match_new(compiled) };
    }
    return true;
}

void emitted_close(struct emitted *e) {
    for (u32 i = 0; i < e->job->table_count; i++) table_close(&e->tables[i]);
    for (u32 i = 0; i < e->job->stage_count; i++)
        if (e->state_at[i]) window_close(&e->windows[i]);
    for (u32 i = 0; i < e->job->regex_count; i++) {
        regex_match_free(e->chain.regexes[i].match);
        regex_free((struct regex *)(uintptr_t)e->chain.regexes[i].regex);
    }
    free(e->chain.regexes);
    free(e->chain.hole);
    scratch_fini(&e->chain.scratch);
    out_fini(&e->chain.out);
    struct loaded_job loaded = { e->job, e->library };
    loader_close(&loaded);
    free(e->c_text);
    free(e->out);
}

/* ---- running ---- */

static const char *run(struct emitted *e, const struct extent *x) {
    e->out_size = 0;
    keep(e, "", 0);
    e->chain.top = TIME_NEVER;
    e->job->sources[0].morsel[JOB_FUSED](&e->chain, x);
    return e->out;
}

static struct extent extent_of(const char *bytes, size_t size, u8 **room) {
    *room = calloc(1, size + 128);
    ENSURE(*room);
    memcpy(*room + 64, bytes, size);
    return (struct extent){ .at = *room + 64, .size = size };
}

const char *emitted_feed(struct emitted *e, const char *bytes, size_t size) {
    u8 *room;
    struct extent x = extent_of(bytes, size, &room);
    const char *out = run(e, &x);
    free(room);
    return out;
}

const char *emitted_generate(struct emitted *e, u64 first, u64 rows) {
    return run(e, &(struct extent){ .offset = first, .rows = rows, .utf8_checked = true });
}

void emitted_load(struct emitted *e, u32 table, const char *bytes) {
    u8 *room;
    struct extent x = extent_of(bytes, strlen(bytes), &room);
    e->job->tables[table].load(&e->chain, &e->tables[table], &x);
    free(room);
}

const char *emitted_end(struct emitted *e) {
    e->out_size = 0;
    keep(e, "", 0);
    fire(e, TIME_FOREVER);
    return e->out;
}
