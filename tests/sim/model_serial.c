/* The serial reference for windows, sessions and clocks in a row (exchange_model.py, serial): no
   morsels, no shards, an exact watermark after every row. A watermark rises through every value:
   what is due at d reaches the next stage while that is at d - 1. */
#include "tests/sim/model_job.h"

#include "runtime/base/ensure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANES 512u

struct live {
    u64 key;
    i64 start, end, sum;
    bool fired;
};
struct serial {
    const struct model *m;
    u32 windows;
    i64 at[MODEL_STAGES];
    struct live panes[MODEL_STAGES][PANES];
    u32 count[MODEL_STAGES];
    struct text_buf *out;
};

static void feed(struct serial *s, u32 n, struct model_event r);
static void advance(struct serial *s, u32 n, i64 w);

static u64 key_of(enum model_key key, const struct model_event *r) {
    switch (key) {
    case KEY_A:
        return r->a;
    case KEY_V:
        return (u64)r->v % 3;
    case KEY_BOTH:
        return (r->a + (u64)r->v) % 5;
    }
    ENSURE(!"a key");
}

static void line(struct serial *s, u32 input, const struct model_event *r) {
    text_buf_printf(s->out, "%u %u %" PRId64 " %" PRId64 "\n", input, r->a, r->t, r->v);
}

/* A row goes on to the next stage, whose W is w then, or out. */
static void pass(struct serial *s, u32 n, struct model_event r, i64 w) {
    if (n + 1 == s->windows) {
        line(s, 0, &r);
        return;
    }
    advance(s, n + 1, w);
    feed(s, n + 1, r);
}

static void give(struct serial *s, u32 n, const struct live *p, i64 w) {
    pass(s, n, (struct model_event){ (u32)p->key, p->end - 1, p->sum }, w);
}

static struct live *next_due(struct serial *s, u32 n, i64 w) {
    struct live *best = NULL;
    for (u32 i = 0; i < s->count[n]; i++) {
        struct live *p = &s->panes[n][i];
        if (!p->fired && p->end <= w && (!best || p->end < best->end)) best = p;
    }
    return best;
}

static void advance(struct serial *s, u32 n, i64 w) {
    if (w <= s->at[n]) return;
    for (struct live *p; (p = next_due(s, n, w));) {
        p->fired = true;
        give(s, n, p, p->end - 1);
    }
    s->at[n] = w;
    u32 left = 0;
    for (u32 i = 0; i < s->count[n]; i++)
        if (w < TIME_FOREVER && s->panes[n][i].end + s->m->windows[n].lateness_ns > w)
            s->panes[n][left++] = s->panes[n][i];
    s->count[n] = left;
    if (n + 1 < s->windows) advance(s, n + 1, w);
}

static void add(struct live *to, const struct live *more) {
    if (more->start < to->start) to->start = more->start;
    if (more->end > to->end) to->end = more->end;
    to->sum = (i64)((u64)to->sum + (u64)more->sum);
}

static void feed(struct serial *s, u32 n, struct model_event r) {
    const struct window_spec *spec = &s->m->windows[n];
    if (s->m->ops[n] == MODEL_CLOCK) {
        r.v = model_told(s->at[n]);
        pass(s, n, r, s->at[n]);
        return;
    }
    bool session = s->m->ops[n] == MODEL_SESSION;
    i64 start = session ? r.t : floor_div(r.t, spec->size_ns) * spec->size_ns;
    struct live p = {
        .key = key_of(s->m->keys[n], &r), .start = start, .end = start + spec->size_ns, .sum = r.v
    };
    struct live *all = s->panes[n], was[PANES];
    u32 count = s->count[n], left = 0;
    memcpy(was, all, count * sizeof *all);
    for (u32 i = 0; i < count; i++) {
        bool mine = all[i].key == p.key &&
                    (session ? all[i].start < start + spec->size_ns && start < all[i].end
                             : all[i].start == start);
        if (mine)
            add(&p, &all[i]);
        else
            all[left++] = all[i];
    }
    if (p.end + spec->lateness_ns <= s->at[n]) {
        memcpy(all, was, count * sizeof *all);
        line(s, n + 1, &r);
        return;
    }
    ENSURE(left < PANES);
    p.fired = p.end <= s->at[n];
    all[left] = p;
    s->count[n] = left + 1;
    if (p.fired) give(s, n, &p, s->at[n]);
}

static i64 least(const i64 *tops, u32 count) {
    i64 w = TIME_FOREVER;
    for (u32 i = 0; i < count; i++)
        if (tops[i] < w) w = tops[i];
    return w;
}

void model_serial(const struct model *m, struct text_buf *out) {
    struct serial *s = calloc(1, sizeof *s);
    ENSURE(s);
    s->m = m;
    s->windows = m->job.stage_count - 1;
    s->out = out;
    for (u32 i = 0; i < MODEL_STAGES; i++) s->at[i] = TIME_NEVER;
    i64 tops[MODEL_SOURCES];
    for (u32 i = 0; i < m->job.source_count; i++) tops[i] = TIME_NEVER;
    u32 source;
    u64 from, to;
    int last, used;
    for (const char *at = m->sequence.at;
         sscanf(at, "%u %lu %lu %d\n%n", &source, &from, &to, &last, &used) == 4; at += used) {
        for (u64 i = from; i < to; i++) {
            struct model_event r = m->from[source].rows[i];
            feed(s, 0, r);
            i64 top = r.t - m->sources[source].lag_ns;
            if (top > tops[source]) tops[source] = top;
            advance(s, 0, least(tops, m->job.source_count));
        }
        if (last) tops[source] = TIME_FOREVER;
        advance(s, 0, least(tops, m->job.source_count));
    }
    free(s);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void model_sort_lines(struct text_buf *text) {
    u32 count = 0;
    for (size_t i = 0; i < text->size; i++) count += text->at[i] == '\n';
    const char **lines = calloc(count + 1, sizeof *lines);
    ENSURE(lines);
    char *copy = strdup(text->size ? text->at : ""), *at = copy;
    for (u32 i = 0; i < count; i++) {
        lines[i] = at;
        at = strchr(at, '\n');
        *at++ = 0;
    }
    qsort(lines, count, sizeof *lines, by_text);
    text_buf_clear(text);
    for (u32 i = 0; i < count; i++) text_buf_printf(text, "%s\n", lines[i]);
    free(lines);
    free(copy);
}
