#include "io/connector.h"

#include "runtime/base/error.h"
#include "runtime/data/number.h"

#include <string.h>

extern const struct connector file_connector, stdin_connector, stdout_connector, print_connector,
    sequence_connector, blackhole_connector;

/* One line a connector. */
const struct connector *const connectors[] = {
    &file_connector,
    &stdin_connector,
    &sequence_connector,
    &print_connector,
    &stdout_connector,
    &blackhole_connector,
    NULL,
};

const struct connector *connector_find(const char *name) {
    for (const struct connector *const *c = connectors; *c; c++)
        if (!strcmp((*c)->name, name)) return *c;
    return NULL;
}

const struct source_ops *connector_source(const char *name) {
    const struct connector *c = connector_find(name);
    return c ? c->source : NULL;
}

const struct sink_ops *connector_sink(const char *name) {
    const struct connector *c = connector_find(name);
    return c ? c->sink : NULL;
}

const struct option_def *connector_option(const struct connector *c, const char *name) {
    for (const struct option_def *o = c->options; o->name; o++)
        if (!strcmp(o->name, name)) return o;
    return NULL;
}

const char *option_text(const struct option_def *defs, const struct bound_option *bound, u32 count,
                        const char *name) {
    for (u32 i = 0; i < count; i++)
        if (!strcmp(bound[i].name, name)) return bound[i].text;
    for (const struct option_def *o = defs; o->name; o++)
        if (!strcmp(o->name, name)) return o->fallback;
    return NULL;
}

bool option_bool(const struct option_def *defs, const struct bound_option *bound, u32 count,
                 const char *name) {
    const char *text = option_text(defs, bound, count, name);
    return text && !strcmp(text, "true");
}

int option_count(const struct option_def *defs, const struct bound_option *bound, u32 count,
                 const char *name, u64 *out) {
    const char *text = option_text(defs, bound, count, name);
    if (text && parse_size(text, strlen(text), out)) return 0;
    return error_set(0, "option `%s: %s` is not a number or a size such as 64KiB", name,
                     text ? text : "");
}
