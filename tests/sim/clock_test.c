/* The clock is an input: what a job puts out, and when, while sources fall silent, speak again and
   tell W. The clock moves only when nobody has anything to do; then to where somebody looks again.
   A run is a text: `@CLOCK`, then the lines that came out there. */
#include "tests/sim/model_job.h"
#include "tests/sim/sim.h"
#include "tests/support/suite.h"

#include "runtime/base/ensure.h"
#include "runtime/base/env_sim.h"
#include "runtime/exec/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 8u

/* What comes at a time of the clock: rows of the times `t` (key 1, value 1), or W. */
struct step {
    i64 at;
    i64 t[4];
    u32 rows;
    bool raises, last;
    i64 raise_to;
};

struct script {
    struct model *model;
    u32 number;
    const struct step *steps;
    u32 count, next, row;
    struct env_sim *world;
};

static void *script_open(struct env *env, const struct source_spec *spec) {
    void *self;
    ENSURE(sscanf(spec->options[0].text, "%p", &self) == 1);
    struct script *s = self;
    s->next = s->row = 0;
    return s;
}
static enum source_answer script_extent(void *self, struct extent *out) {
    struct script *s = self;
    if (s->next == s->count || s->steps[s->next].at > s->world->wall_ns) return SOURCE_NOTHING;
    const struct step *step = &s->steps[s->next++];
    *out = (struct extent){
        .offset = s->row, .rows = step->rows, .raises = step->raises, .raise_to = step->raise_to
    };
    for (u32 i = 0; i < step->rows; i++)
        s->model->from[s->number].rows[s->row++] = (struct model_event){ 1, step->t[i], 1 };
    return step->last ? SOURCE_LAST : SOURCE_EXTENT;
}
static const char *script_name(void *self) {
    return "script";
}
static void script_close(void *self) {}
static const struct source_ops *script_ops(const char *connector) {
    static const struct source_ops ops = { .name = "script",
                                           .open = script_open,
                                           .extent = script_extent,
                                           .describe = script_name,
                                           .close = script_close };
    return &ops;
}

/* ---- a run ---- */

struct world {
    struct model *model;
    struct script scripts[MODEL_SOURCES];
    struct env_sim sim;
};

static void set_up(struct world *w, struct model *m) {
    *w = (struct world){ .model = m };
    for (u32 s = 0; s < m->job.source_count; s++) {
        w->scripts[s] = (struct script){ .model = m, .number = s, .world = &w->sim };
        free(m->from[s].rows);
        m->from[s].rows = calloc(4 * STEPS, sizeof *m->from[s].rows);
        sprintf(m->pointers[s], "%p", (void *)&w->scripts[s]);
    }
}

static void tear_down(struct world *w) {
    model_free(w->model);
}

/* Where somebody looks again, or something comes. */
static i64 next_time(const struct world *w, const struct engine *e) {
    i64 at = TIME_FOREVER;
    for (u32 s = 0; s < w->model->job.source_count; s++) {
        const struct script *from = &w->scripts[s];
        if (from->next < from->count && from->steps[from->next].at < at)
            at = from->steps[from->next].at;
    }
    for (u32 i = 0; i < e->task_count; i++) {
        i64 again = e->tasks[i]->again_ns;
        /* not the polling of sources that have no watch */
        if (again > w->sim.wall_ns && again != w->sim.wall_ns + 1000000 && again < at) at = again;
    }
    return at;
}

static void note(struct world *w, u64 *seen, struct text_buf *out) {
    const struct text_buf *bytes = &w->model->sinks[0].bytes;
    if (bytes->size == *seen) return;
    text_buf_printf(out, "@%ld\n%.*s", w->sim.wall_ns, (int)(bytes->size - *seen),
                    bytes->at + *seen);
    *seen = bytes->size;
}

/* Until the clock is `end`, or the job has ended. */
static void run(struct world *w, u32 workers, bool rings, i64 end, struct text_buf *out) {
    struct engine_config config = { .workers = workers,
                                    .rings = rings,
                                    .env = &w->sim.env,
                                    .source = script_ops,
                                    .sink = model_sink_ops };
    if (rings) sim_squeeze(&config, workers);
    env_sim_init(&w->sim, 1);
    w->sim.wall_ns = 0;
    model_reset(w->model);
    struct engine *e = engine_build(&w->model->job, &config);
    ENSURE(e);
    for (u64 seen = 0; !sim_all_done(e) && w->sim.wall_ns < end;) {
        while (sim_step_all(e)) {
        }
        note(w, &seen, out);
        i64 next = next_time(w, e);
        w->sim.wall_ns = next < end ? next : end;
    }
    engine_stop(e);
    while (!sim_all_done(e)) sim_step_all(e);
    engine_finish(e);
    engine_close(e);
}

/* Fused and over rings it is the same. */
static void expect(struct world *w, i64 end, const char *wanted) {
    static const u32 ps[] = { 1, 1, 2, 3 };
    for (u32 i = 0; i < sizeof ps / sizeof ps[0]; i++) {
        struct text_buf got;
        text_buf_init(&got);
        run(w, ps[i], i > 0, end, &got);
        CHECK_STR(got.size ? got.at : "", wanted);
        text_buf_fini(&got);
    }
}

#define SCRIPT(w, s, ...)                                                                          \
    static const struct step steps_##s[] = { __VA_ARGS__ };                                        \
    (w)->scripts[s].steps = steps_##s;                                                             \
    (w)->scripts[s].count = sizeof steps_##s / sizeof steps_##s[0]

/* ---- tests ---- */

static void a_source_tells_w(void) {
    struct world w;
    set_up(&w, model_window(1, 10, 0));
    SCRIPT(&w, 0, { .at = 0, .t = { 1, 12 }, .rows = 2 },
           { .at = 5, .raises = true, .raise_to = 19 }, { .at = 6, .raises = true, .raise_to = 20 },
           { .at = 7, .t = { 19 }, .rows = 1, .raises = true, .raise_to = 15 },
           { .at = 8, .t = { 21 }, .rows = 1, .raises = true, .raise_to = 30 });
    expect(&w, 100, "@0\n0 1 9 1\n@6\n0 1 19 1\n@7\n1 1 19 1\n@8\n0 1 29 1\n");
    tear_down(&w);
}

static void an_idle_source_holds_nothing_back_until_it_speaks(void) {
    struct world w;
    set_up(&w, model_window(2, 10, 0));
    w.model->sources[1].idle_ns = 100;
    SCRIPT(&w, 0, { .at = 0, .t = { 1 }, .rows = 1 }, { .at = 1, .t = { 12 }, .rows = 1 },
           { .at = 150, .t = { 25 }, .rows = 1 }, { .at = 400, .t = { 45 }, .rows = 1 });
    SCRIPT(&w, 1, { .at = 50, .t = { 3 }, .rows = 1 }, { .at = 300, .t = { 4, 33 }, .rows = 2 });
    /* at 50 W is 3; from 150 on the other is idle: W is 25; its 4 is late, its 33 is not, and holds
       W back again */
    expect(&w, 390, "@150\n0 1 9 2\n0 1 19 1\n@300\n1 1 4 1\n");
    /* idle again from 400 on */
    expect(&w, 1000, "@150\n0 1 9 2\n0 1 19 1\n@300\n1 1 4 1\n@400\n0 1 29 1\n0 1 39 1\n");
    tear_down(&w);
}

static void while_all_are_idle_w_stays(void) {
    struct world w;
    set_up(&w, model_window(2, 10, 0));
    w.model->sources[0].idle_ns = w.model->sources[1].idle_ns = 100;
    SCRIPT(&w, 0, { .at = 0, .t = { 5 }, .rows = 1 });
    SCRIPT(&w, 1, { .at = 0, .t = { 15, 25 }, .rows = 2 });
    /* the first to be called idle leaves the other, whose W is 25: there it stays */
    expect(&w, 1000, "@100\n0 1 9 1\n0 1 19 1\n");
    tear_down(&w);
}

static void a_flush_moves_w_past_the_greatest_time(void) {
    struct world w;
    set_up(&w, model_window(2, 10, 0));
    w.model->sources[0].idle_ns = w.model->sources[1].idle_ns = 100;
    w.model->sources[0].idle_flush = w.model->sources[1].idle_flush = true;
    SCRIPT(&w, 0, { .at = 0, .t = { 5, 29 }, .rows = 2 });
    SCRIPT(&w, 1, { .at = 0, .t = { 15 }, .rows = 1 }, { .at = 300, .t = { 20 }, .rows = 1 });
    /* 29 is over when both are silent */
    expect(&w, 1000, "@0\n0 1 9 1\n@100\n0 1 19 1\n0 1 29 1\n@300\n1 1 20 1\n");
    tear_down(&w);
}

static void no_flush_is_beyond_the_end_of_time(void) {
    struct world w;
    set_up(&w, model_window(1, 10, 0));
    w.model->sources[0].idle_ns = 100;
    w.model->sources[0].idle_flush = true;
    SCRIPT(&w, 0, { .at = 0, .t = { TIME_FOREVER - 30, TIME_FOREVER, TIME_NEVER }, .rows = 3 });
    expect(&w, 1000, "@0\n0 1 9223372036854775779 1\n1 1 -9223372036854775808 1\n");
    tear_down(&w);
}

static const struct test tests[] = {
    TEST(a_source_tells_w),
    TEST(an_idle_source_holds_nothing_back_until_it_speaks),
    TEST(while_all_are_idle_w_stays),
    TEST(a_flush_moves_w_past_the_greatest_time),
    TEST(no_flush_is_beyond_the_end_of_time),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("clock", tests, argc, argv);
}
