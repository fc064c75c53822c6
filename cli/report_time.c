/* Why nothing comes out: which input holds time back. */
#include "cli/json.h"
#include "cli/report.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

#include <stdlib.h>

#define PATIENCE_NS (10 * NS_PER_SECOND)

/* MILLRACE_PATIENCE_MS: for tests, which have less of it. */
static i64 patience_ns(void) {
    const char *said = getenv("MILLRACE_PATIENCE_MS");
    return said ? atoll(said) * NS_PER_MS : PATIENCE_NS;
}

/* Which of the inputs that are active is behind the others; -1: none is active. */
static i32 holding_back(struct engine *e) {
    i32 who = -1;
    i64 least = TIME_FOREVER;
    for (u32 s = 0; s < e->run.job->source_count; s++) {
        struct engine_time at = engine_source_time(e, s);
        if (!at.timed || at.state != SOURCE_ACTIVE || (who >= 0 && at.watermark >= least)) continue;
        least = at.watermark;
        who = (i32)s;
    }
    return who;
}

/* Is there a stage that waits for event time? */
static bool waits(const struct job *job) {
    for (u32 k = 0; k < job->stage_count; k++) {
        const struct job_stage *stage = &job->stages[k];
        if (stage->keeper && !(stage->window && stage->window->wall)) return true;
    }
    return false;
}

static const char *state_text(enum source_state state) {
    switch (state) {
    case SOURCE_ACTIVE:
        return "active";
    case SOURCE_IDLE:
        return "idle";
    case SOURCE_ENDED:
        return "finished";
    }
    return "";
}

static void tell(struct report *r, struct engine *e, i32 who) {
    const struct job *job = e->run.job;
    char time[FORMAT_ROOM];
    if (r->terminal) fprintf(stderr, "\r\033[K");
    fprintf(stderr, "millrace: %s: ", job->name);
    if (who < 0)
        fprintf(stderr, "time stands, since all inputs are idle (`idle D flush` lets out what "
                        "waits)");
    else if (r->watermark == TIME_NEVER)
        fprintf(stderr, "`%s` holds time back: no row came from it that moves the watermark",
                job->sources[who].name);
    else
        fprintf(stderr, "`%s` holds time back: its watermark stands at %s", job->sources[who].name,
                watermark_text(r->watermark, time));
    for (u32 s = 0; s < job->source_count; s++) {
        struct engine_time at = engine_source_time(e, s);
        if (at.timed && at.state != SOURCE_ACTIVE)
            fprintf(stderr, "; `%s` is %s, at %s", job->sources[s].name, state_text(at.state),
                    watermark_text(at.watermark, time));
    }
    fprintf(stderr, "\n");
}

void report_time(struct report *r, struct engine *e) {
    struct engine_stats s;
    i64 now = env_mono_ns(e->run.env);
    i32 who = holding_back(e);
    i64 w = who < 0 ? r->watermark : engine_source_time(e, (u32)who).watermark;
    engine_stats(e, &s);
    if (w != r->watermark) {
        r->watermark = w;
        r->stands_since = now;
        r->told_standing = false;
    }
    if (r->told_standing || now - r->stands_since < patience_ns()) return;
    if (s.rows_in == r->rows_start || !waits(e->run.job)) return;
    r->told_standing = true;
    tell(r, e, who);
}

void report_put_sources(struct engine *e, struct text_buf *to) {
    const struct job *job = e->run.job;
    char time[FORMAT_ROOM];
    i32 who = holding_back(e);
    text_buf_str(to, ",\"holds_time_back\":");
    json_put_text(to, who < 0 ? NULL : job->sources[who].name);
    text_buf_str(to, ",\"sources\":[");
    for (u32 s = 0; s < job->source_count; s++) {
        struct engine_time at = engine_source_time(e, s);
        text_buf_str(to, s ? ",{\"name\":" : "{\"name\":");
        json_put_text(to, job->sources[s].name);
        text_buf_printf(to, ",\"state\":\"%s\",\"watermark\":", state_text(at.state));
        json_put_text(to, at.watermark == TIME_NEVER ? NULL : watermark_text(at.watermark, time));
        text_buf_printf(to, ",\"ahead\":%llu}",
                        (unsigned long long)engine_source_counts(e, s).ahead);
    }
    text_buf_str(to, "]");
}
