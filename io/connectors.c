#include "io/connector.h"

#include "runtime/base/error.h"

#include <stdlib.h>
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
    static const struct {
        const char *suffix;
        u32 shift;
    } units[] = {
        { "", 0 }, { "B", 0 }, { "KiB", 10 }, { "MiB", 20 }, { "GiB", 30 }, { "TiB", 40 },
    };
    const char *text = option_text(defs, bound, count, name);
    char *end;
    u64 value = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
    if (text && *text >= '0' && *text <= '9')
        for (u32 i = 0; i < sizeof units / sizeof *units; i++)
            if (!strcmp(end, units[i].suffix) && value <= UINT64_MAX >> units[i].shift) {
                *out = value << units[i].shift;
                return 0;
            }
    return error_set(0, "option `%s: %s` is not a number or a size such as 64KiB", name,
                     text ? text : "");
}
