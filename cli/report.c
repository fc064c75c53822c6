#include "cli/report.h"

#include "cli/json.h"
#include "runtime/base/error.h"
#include "runtime/base/text_buf.h"
#include "runtime/data/encode.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"
#include "runtime/exec/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const owner_names[BUDGET_OWNERS] = {
    [BUDGET_RINGS] = "rings",   [BUDGET_OVERFLOW] = "overflow", [BUDGET_STATE] = "state",
    [BUDGET_TABLES] = "tables", [BUDGET_PRELOAD] = "preload",   [BUDGET_SNAPSHOT] = "snapshot",
    [BUDGET_OTHER] = "other",
};

u64 default_memory(void) {
    return (u64)sysconf(_SC_PHYS_PAGES) * (u64)sysconf(_SC_PAGESIZE) / 4 * 3;
}

int report_init(struct report *r, const char *stats, const char *events) {
    *r = (struct report){ .stats = stats, .terminal = isatty(2) };
    if (!events) return 0;
    r->events = strcmp(events, "-") ? fopen(events, "ae") : stdout;
    if (r->events) return 0;
    fprintf(stderr, "millrace: --events %s: %s\n", events, strerror(errno));
    return -1;
}

/* 1234567 as 1,234,567. room: 32 bytes. */
static const char *grouped(u64 n, char *room) {
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), at = 0;
    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0) room[at++] = ',';
        room[at++] = digits[i];
    }
    room[at] = 0;
    return room;
}

static const char *plural(u64 n) {
    return n == 1 ? "" : "s";
}

const char *bytes_text(u64 n, char *room) {
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    double value = (double)n;
    int unit = 0;
    for (; value >= 1024 && unit < 4; unit++) value /= 1024;
    snprintf(room, 32, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return room;
}

const char *watermark_text(i64 w, char *room) {
    if (w == TIME_NEVER) return "-";
    if (w == TIME_FOREVER) return "end";
    room[format_timestamp(room, w)] = 0;
    return room;
}

void report_begin(struct report *r, struct engine *e) {
    struct engine_stats s;
    char limit[32], used[32];
    engine_stats(e, &s);
    fprintf(stderr, "millrace: %s: %u worker%s, memory %s (%s taken)\n", e->run.job->name,
            e->config.workers, plural(e->config.workers), bytes_text(e->config.memory_bytes, limit),
            bytes_text(s.memory_used, used));
    for (u32 i = 0; i < e->run.job->source_count; i++)
        r->rows_start += e->run.before.sources[i].rows_in;
    r->rows_before = r->rows_start;
    r->ns_before = r->stands_since = env_mono_ns(e->run.env);
    r->watermark = TIME_NEVER;
}

void report_progress(struct report *r, struct engine *e) {
    report_time(r, e);
    if (!r->terminal) return;
    struct engine_stats s;
    char rows[32], late[32], malformed[32], time[FORMAT_ROOM], percent[16] = "";
    engine_stats(e, &s);
    i64 now = env_mono_ns(e->run.env);
    double rate =
        (double)(s.rows_in - r->rows_before) / ((double)(now - r->ns_before) / 1e9 + 1e-9);
    if (s.bytes_total)
        snprintf(percent, sizeof percent, "%3.0f%%  ",
                 100.0 * (double)s.bytes_in / (double)s.bytes_total);
    fprintf(stderr, "\r\033[K%s%s rows  %.2f M rows/s  watermark %s  late %s  malformed %s",
            percent, grouped(s.rows_in, rows), rate / 1e6, watermark_text(s.watermark, time),
            grouped(s.late, late), grouped(s.malformed, malformed));
    r->rows_before = s.rows_in;
    r->ns_before = now;
}

/* Whether `late into` takes the late rows of a stage somewhere: then they are not lost. */
static bool late_goes_on(const struct job *job, u32 stage) {
    for (u32 i = 0; i < job->edge_count; i++) {
        const struct job_edge *edge = &job->edges[i];
        if (!edge->from_source && edge->from == stage && edge->port == 1) return true;
    }
    return false;
}

/* Every reason for which rows did not come out, in words; of a malformed record that stopped the
   job the error tells. */
static void tell_losses(struct engine *e, const struct engine_stats *s, bool stopped) {
    const char *why = !stopped                    ? ""
                      : e->config.snapshots.store ? ", until the job goes on"
                                                  : ", because the job was stopped";
    char n[32];
    const struct job *job = e->run.job;
    for (u32 i = 0; i < job->source_count; i++) {
        u64 malformed = engine_source_counts(e, i).malformed;
        if (malformed && job->sources[i].malformed == 1)
            fprintf(stderr,
                    "  %s malformed row%s of `%s` %s left out (`malformed into NAME` keeps them)\n",
                    grouped(malformed, n), plural(malformed), job->sources[i].name,
                    malformed == 1 ? "was" : "were");
        u64 ahead = engine_source_counts(e, i).ahead;
        if (ahead)
            fprintf(stderr,
                    "  %s row%s of `%s` %s too far ahead of the clock to move the watermark "
                    "(`ahead`)\n",
                    grouped(ahead, n), plural(ahead), job->sources[i].name,
                    ahead == 1 ? "was" : "were");
    }
    for (u32 i = 0; i < job->stage_count; i++) {
        u64 late = engine_stage_counts(e, i).late;
        if (late && !late_goes_on(job, i))
            fprintf(stderr,
                    "  %s row%s came too late for `%s` (line %u; `late into NAME` keeps them)\n",
                    grouped(late, n), plural(late), job->stages[i].name, job->stages[i].line);
    }
    if (s->open_rows)
        fprintf(stderr, "  %s row%s %s in windows that did not fire%s\n", grouped(s->open_rows, n),
                plural(s->open_rows), s->open_rows == 1 ? "is" : "are", why);
}

void report_put_rows(struct engine *e, struct text_buf *to) {
    struct engine_stats s;
    char time[FORMAT_ROOM];
    engine_stats(e, &s);
    text_buf_printf(to, "\"rows_in\":%llu,\"rows_out\":%llu,\"late\":%llu,\"malformed\":%llu",
                    (unsigned long long)s.rows_in, (unsigned long long)s.rows_out,
                    (unsigned long long)s.late, (unsigned long long)s.malformed);
    text_buf_printf(to, ",\"bytes_in\":%llu,\"bytes_total\":%llu,\"watermark\":",
                    (unsigned long long)s.bytes_in, (unsigned long long)s.bytes_total);
    json_put_text(to, s.watermark == TIME_NEVER ? NULL : watermark_text(s.watermark, time));
    text_buf_printf(to, ",\"seconds\":%.3f,\"state_bytes\":%llu,\"memory_used\":%llu",
                    (double)s.ran_ns / 1e9, (unsigned long long)s.memory[BUDGET_STATE],
                    (unsigned long long)s.memory_used);
}

static char *figures(struct report *r, struct engine *e, const struct engine_stats *s,
                     const char *error) {
    struct text_buf b;
    text_buf_init(&b);
    const struct job *job = e->run.job;
    double seconds = (double)s->ran_ns / 1e9;
    text_buf_str(&b, "{\"job\":");
    json_put_text(&b, job->name);
    text_buf_printf(
        &b, ",\"workers\":%u,\"rows_in\":%llu,\"rows_out\":%llu,\"late\":%llu,\"malformed\":%llu",
        e->config.workers, (unsigned long long)s->rows_in, (unsigned long long)s->rows_out,
        (unsigned long long)s->late, (unsigned long long)s->malformed);
    text_buf_printf(&b, ",\"ahead\":%llu,\"rows_in_open_windows\":%llu,\"bytes_in\":%llu",
                    (unsigned long long)s->ahead, (unsigned long long)s->open_rows,
                    (unsigned long long)s->bytes_in);
    text_buf_printf(&b, ",\"seconds\":%.9f,\"rows_per_second\":%.0f,\"compile_seconds\":%.6f",
                    seconds, seconds > 0 ? (double)(s->rows_in - r->rows_start) / seconds : 0,
                    r->compile_seconds);
    text_buf_printf(&b, ",\"state_bytes\":%llu,\"memory_bytes\":{",
                    (unsigned long long)s->memory[BUDGET_STATE]);
    for (int i = 0; i < BUDGET_OWNERS; i++)
        text_buf_printf(&b, "%s\"%s\":%llu", i ? "," : "", owner_names[i],
                        (unsigned long long)s->memory[i]);
    text_buf_str(&b, "}");
    report_put_sources(e, &b);
    if (e->config.snapshots.store) report_put_snapshots(r, &b);
    text_buf_str(&b, ",\"error\":");
    json_put_text(&b, error);
    text_buf_str(&b, "}\n");
    return b.at;
}

void report_end(struct report *r, struct engine *e, const char *error, bool stopped) {
    struct engine_stats s;
    char in[32], out[32], rate[32], state[32];
    engine_stats(e, &s);
    double seconds = (double)s.ran_ns / 1e9;
    if (r->terminal) fprintf(stderr, "\r\033[K");
    if (error) fprintf(stderr, "millrace: %s: %s\n", e->run.job->name, error);
    fprintf(stderr, "millrace: %s: %s%s row%s in, %s row%s out in %.3f s (%s rows/s), state %s\n",
            e->run.job->name, stopped ? "stopped: " : "", grouped(s.rows_in, in), plural(s.rows_in),
            grouped(s.rows_out, out), plural(s.rows_out), seconds,
            grouped(seconds > 0 ? (u64)((double)(s.rows_in - r->rows_start) / seconds) : 0, rate),
            bytes_text(s.memory[BUDGET_STATE], state));
    tell_losses(e, &s, stopped);
    report_tell_snapshots(r);
    if (r->stats) r->json = figures(r, e, &s, error);
}

int report_fini(struct report *r) {
    if (r->events && r->events != stdout) fclose(r->events);
    r->events = NULL;
    if (!r->json) return 0;
    FILE *to = strcmp(r->stats, "-") ? fopen(r->stats, "w") : stdout;
    int status = !to || fputs(r->json, to) < 0 || fflush(to);
    if (status) fprintf(stderr, "millrace: --stats %s: %s\n", r->stats, strerror(errno));
    if (to && to != stdout) fclose(to);
    free(r->json);
    r->json = NULL;
    return status ? -1 : 0;
}
