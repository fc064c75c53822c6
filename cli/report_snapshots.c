/* What a run tells of its snapshots. */
#include "cli/json.h"
#include "cli/report.h"

#include "runtime/base/atomic.h"
#include "runtime/data/number.h"
#include "runtime/data/timefn.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
    [SNAPSHOT_PERIODIC] = "periodic",
    [SNAPSHOT_SAVEPOINT] = "savepoint",
    [SNAPSHOT_LAST] = "last",
};

static double seconds(i64 ns) {
    return (double)ns / 1e9;
}

static void put_time(struct text_buf *to, i64 stamp) {
    char room[FORMAT_ROOM];
    room[format_timestamp(room, stamp)] = 0;
    json_put_text(to, room);
}

/* ---- events, on the snapshot thread ---- */

static void event_line(struct report *r, const char *job, const struct snapshot_event *event) {
    struct text_buf line;
    text_buf_init(&line);
    text_buf_str(&line, "{\"event\":\"snapshot\",\"time\":");
    put_time(&line, event->stamp);
    text_buf_str(&line, ",\"job\":");
    json_put_text(&line, job);
    text_buf_printf(&line,
                    ",\"number\":%llu,\"kind\":\"%s\",\"ok\":%s,\"bytes\":%llu,\"seconds\":%.6f,"
                    "\"pause_seconds\":%.6f,\"error\":",
                    (unsigned long long)event->number, kinds[event->kind],
                    event->failed ? "false" : "true", (unsigned long long)event->bytes,
                    seconds(event->took_ns), seconds(event->pause_ns));
    json_put_text(&line, event->failed ? event->why : NULL);
    text_buf_str(&line, "}\n");
    fputs(line.at, r->events);
    fflush(r->events);
    text_buf_fini(&line);
}

static void lock(struct report *r) {
    while (u32_exchange(&r->lock, 1)) sched_yield();
}

static void unlock(struct report *r) {
    u32_store_release(&r->lock, 0);
}

static void count(struct report_snapshots *s, const struct snapshot_event *event) {
    s->failing = event->failed;
    if (event->failed) {
        s->failed++;
        snprintf(s->why, sizeof s->why, "%s", event->why ? event->why : "");
        return;
    }
    s->taken++;
    s->bytes += event->bytes;
    s->newest = event->number;
    s->newest_bytes = event->bytes;
    s->newest_stamp = event->stamp;
    s->newest_took_ns = event->took_ns;
    s->newest_pause_ns = event->pause_ns;
    if (event->pause_ns > s->longest_pause_ns) s->longest_pause_ns = event->pause_ns;
}

void report_event(struct report *r, const char *job, const struct snapshot_event *event) {
    lock(r);
    bool failing = r->snapshots.failing;
    count(&r->snapshots, event);
    unlock(r);
    if (r->events) event_line(r, job, event);
    const char *clear = r->terminal ? "\r\033[K" : "";
    if (event->failed && !failing) /* the first of a row of them */
        fprintf(stderr, "%smillrace: %s: snapshot %llu failed, the job goes on: %s\n", clear, job,
                (unsigned long long)event->number, event->why ? event->why : "");
    if (!event->failed && failing)
        fprintf(stderr, "%smillrace: %s: snapshot %llu is taken: they work again\n", clear, job,
                (unsigned long long)event->number);
}

/* ---- figures ---- */

static struct report_snapshots all_of(struct report *r) {
    lock(r);
    struct report_snapshots s = r->snapshots;
    unlock(r);
    return s;
}

void report_put_snapshots(struct report *r, struct text_buf *to) {
    struct report_snapshots s = all_of(r);
    text_buf_printf(to, ",\"snapshots\":%llu,\"snapshots_failed\":%llu,\"snapshot_bytes\":%llu",
                    (unsigned long long)s.taken, (unsigned long long)s.failed,
                    (unsigned long long)s.bytes);
    text_buf_printf(
        to, ",\"longest_pause_seconds\":%.6f,\"newest_snapshot\":", seconds(s.longest_pause_ns));
    if (s.newest)
        text_buf_printf(to, "%llu,\"newest_snapshot_time\":", (unsigned long long)s.newest);
    else
        text_buf_str(to, "null,\"newest_snapshot_time\":");
    if (s.newest)
        put_time(to, s.newest_stamp);
    else
        text_buf_str(to, "null");
    text_buf_printf(to,
                    ",\"newest_snapshot_bytes\":%llu,\"newest_snapshot_seconds\":%.6f,"
                    "\"newest_snapshot_pause_seconds\":%.6f,\"snapshot_error\":",
                    (unsigned long long)s.newest_bytes, seconds(s.newest_took_ns),
                    seconds(s.newest_pause_ns));
    json_put_text(to, s.failed ? s.why : NULL);
}

void report_tell_snapshots(struct report *r) {
    struct report_snapshots s = all_of(r);
    char bytes[32];
    if (!s.taken && !s.failed) return;
    fprintf(stderr, "  %llu snapshot%s", (unsigned long long)s.taken, s.taken == 1 ? "" : "s");
    if (s.taken)
        fprintf(stderr, ", %s written, the newest is %llu, longest pause %.3f ms",
                bytes_text(s.bytes, bytes), (unsigned long long)s.newest,
                seconds(s.longest_pause_ns) * 1e3);
    if (s.failed) fprintf(stderr, "; %llu failed: %s", (unsigned long long)s.failed, s.why);
    fprintf(stderr, "\n");
}
