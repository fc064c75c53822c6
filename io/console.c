/* Sinks for standard output: `print` for people (name=value name=value, a row a line) and `stdout`
   for programs; and `blackhole`, whose rows are built in full and taken by the task that made them.
 */
#include "io/connector.h"
#include "io/stream.h"

static const char *const formats[] = { "csv", "json", "binary", NULL };

static const struct option_def no_options[] = { { NULL } };

static const struct option_def stdout_options[] = {
    { "format", OPTION_WORD, USE_SINK, .required = true, .constant = true, .words = formats,
      .doc = "csv, json or binary" },
    { "header", OPTION_BOOL, USE_SINK, .constant = true, .fallback = "false",
      .doc = "csv: write the columns' names first" },
    { "delimiter", OPTION_BYTE, USE_SINK, .constant = true, .fallback = ",",
      .doc = "csv: between fields" },
    { NULL },
};

static bool stdout_place(const struct sink_spec *spec, struct env_place *out) {
    return env_place("/dev/stdout", out);
}

static void *stdout_open(struct env *env, const struct sink_spec *spec) {
    return writer_open(env, env_stdout(), spec->head);
}

static const struct sink_ops stdout_sink_ops = {
    .name = "stdout",
    .place = stdout_place,
    .shares = true,
    .open = stdout_open,
    .write = writer_write,
    .flush = writer_flush,
    .finish = writer_finish,
};

const struct connector print_connector = {
    .name = "print",
    .doc = "a line a row on standard output, for people",
    .options = no_options,
    .sink = &stdout_sink_ops,
    .can_sink = true,
};

const struct connector stdout_connector = {
    .name = "stdout",
    .doc = "rows on standard output, for programs",
    .options = stdout_options,
    .sink = &stdout_sink_ops,
    .can_sink = true,
};

const struct connector blackhole_connector = {
    .name = "blackhole",
    .doc = "takes rows and forgets them",
    .options = no_options,
    .can_sink = true,
    .inlined = true,
};
