/* What is promised of each source and sink once snapshots are taken, as `explain` says it. What a
   connector can do, its ops say: a source that saves where it stands can be read again, a sink that
   seals can be exactly-once. */
#include "dsl/logical.h"

#include "io/connector.h"

bool sink_is_exact(const char *connector) {
    const struct sink_ops *sink = connector_sink(connector);
    return !sink || sink->seal; /* one that is none of its own, a blackhole, writes nothing twice */
}

/* What is no regular file, a pipe say, is found out when it is opened: it cannot be read again. */
static void source_promise(const struct tsource *s, enum job_guarantee guarantee,
                           struct text_buf *to) {
    const struct source_ops *source = connector_source(s->call.connector);
    if (source->save) text_buf_str(to, "read again from where the snapshot stands");
    if (source->save && !source->replays) return;
    text_buf_str(to, source->save ? "; a pipe " : "cannot be read again: what comes ");
    if (guarantee != JOB_GUARANTEE_UNSET)
        text_buf_str(to, "goes through an ingest log: written once more, and kept until no "
                         "snapshot needs it");
    else
        text_buf_str(to, "loses what no snapshot holds (a guarantee keeps a log)");
}

static void sink_promise(const char *connector, struct text_buf *to) {
    if (!connector_sink(connector))
        text_buf_str(to, "nothing is written");
    else if (sink_is_exact(connector))
        text_buf_str(to, "exactly once: rows appear with the snapshot that holds them");
    else
        text_buf_str(to, "at least once: after a crash rows since the last snapshot come again");
}

void promise_print(const struct job_snapshots *s, const struct lop *op, struct text_buf *to) {
    if (!s->every_ns && s->guarantee == JOB_GUARANTEE_UNSET) return;
    if (op->kind != LOP_SOURCE && op->kind != LOP_SINK) return;
    text_buf_str(to, "    snapshots: ");
    if (op->kind == LOP_SOURCE)
        source_promise(op->source, s->guarantee, to);
    else
        sink_promise(op->sink.connector, to);
    text_buf_str(to, "\n");
}
