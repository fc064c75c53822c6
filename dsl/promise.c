/* What is promised of each source and sink once snapshots are taken, as `explain` says it. What a
   connector can do, its ops say: a source that saves where it stands can be read again, a sink that
   seals can be exactly-once. */
#include "dsl/logical.h"

#include "io/connector.h"

static bool is_replayed(const char *connector) {
    const struct source_ops *source = connector_source(connector);
    return source && source->save;
}

bool sink_is_exact(const char *connector) {
    const struct sink_ops *sink = connector_sink(connector);
    return !sink || sink->seal; /* one that is none of its own, a blackhole, writes nothing twice */
}

static const char *unread_again(enum guarantee guarantee) {
    return guarantee == GUARANTEE_EXACTLY_ONCE
               ? "goes through an ingest log: written and synced once more before it counts, "
                 "kept as long as a snapshot needs it"
               : "is lost by a crash if no snapshot holds it; guarantee exactly_once keeps it in "
                 "an ingest log";
}

static void source_promise(const struct tsource *s, enum guarantee guarantee, struct text_buf *to) {
    if (is_replayed(s->call.connector))
        text_buf_str(to, "read again from where the snapshot stands; what is no regular file ");
    else
        text_buf_str(to, "cannot be read again: what comes ");
    text_buf_str(to, unread_again(guarantee));
}

static void sink_promise(const char *connector, enum guarantee guarantee, struct text_buf *to) {
    if (!connector_sink(connector))
        text_buf_str(to, "nothing is written");
    else if (sink_is_exact(connector) && guarantee != GUARANTEE_AT_LEAST_ONCE)
        text_buf_str(to, "exactly once: rows appear with the snapshot that holds them");
    else
        text_buf_str(to, "at least once: after a crash rows since the last snapshot come again");
}

void promise_print(const struct tsnapshots *s, const struct lop *op, struct text_buf *to) {
    if (!s->every_ns && s->guarantee == GUARANTEE_UNSET) return;
    if (op->kind != LOP_SOURCE && op->kind != LOP_SINK) return;
    text_buf_str(to, "    snapshots: ");
    if (op->kind == LOP_SOURCE)
        source_promise(op->source, s->guarantee, to);
    else
        sink_promise(op->sink.connector, s->guarantee, to);
    text_buf_str(to, "\n");
}
