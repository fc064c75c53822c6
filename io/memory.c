#include "io/memory.h"

#include "runtime/base/ensure.h"
#include "runtime/base/env_sim.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"

#include <stdlib.h>
#include <string.h>

#define ROW_BYTES 64u /* of a morsel's size, as generators have it */

void memory_init(struct memory *m) {
    *m = (struct memory){ 0 };
}

void memory_fini(struct memory *m) {
    for (u32 i = 0; i < m->source_count; i++) free(m->sources[i].events);
    for (u32 i = 0; i < m->shelf_count; i++) {
        text_buf_fini(&m->shelves[i]->committed);
        text_buf_fini(&m->shelves[i]->taken);
        free(m->shelves[i]->name);
        free(m->shelves[i]);
    }
    free(m->sources);
    free(m->shelves);
}

static struct memory *memory_of(struct env *env) {
    struct env_sim *world = env->self;
    ENSURE(world->beside);
    return world->beside;
}

/* ---- sources ---- */

static u32 source_number(struct memory *m, const char *name) {
    for (u32 i = 0; i < m->source_count; i++)
        if (!strcmp(m->sources[i].name, name)) return i;
    m->sources = grown(m->sources, m->source_count, &m->source_room, sizeof *m->sources);
    m->sources[m->source_count] = (struct given_source){ .name = name };
    return m->source_count++;
}

void memory_give(struct memory *m, const char *source, struct given_event event) {
    u32 number = source_number(m, source);
    struct given_source *s = &m->sources[number];
    s->events = grown(s->events, s->count, &s->room, sizeof *s->events);
    s->events[s->count++] = event;
}

/* A job's hold of a source: where it stands. */
struct given {
    struct memory *memory;
    u32 source;
    u32 event;
    u64 row; /* of that event, from 0 */
    u64 morsel_rows;
};

static void *given_open(struct env *env, const struct source_spec *spec) {
    struct given *g = calloc(1, sizeof *g);
    ENSURE(g);
    g->memory = memory_of(env);
    g->source = source_number(g->memory, spec->name);
    g->morsel_rows = spec->morsel_bytes < ROW_BYTES ? 1 : spec->morsel_bytes / ROW_BYTES;
    return g;
}

static enum source_answer give_rows(struct given *g, const struct given_event *event,
                                    struct extent *out) {
    u64 left = event->count - g->row, rows = left < g->morsel_rows ? left : g->morsel_rows;
    out->offset = event->first + g->row;
    out->rows = rows;
    g->row += rows;
    if (g->row < event->count) return SOURCE_EXTENT;
    g->event++;
    g->row = 0;
    return SOURCE_EXTENT;
}

static enum source_answer given_extent(void *self, struct extent *out) {
    struct given *g = self;
    const struct given_source *s = &g->memory->sources[g->source];
    if (g->event == s->count) return SOURCE_NOTHING;
    const struct given_event *event = &s->events[g->event];
    *out = (struct extent){ .utf8_checked = true };
    switch (event->kind) {
    case GIVEN_ROWS:
        return give_rows(g, event, out);
    case GIVEN_WATERMARK:
        out->raises = true;
        out->raise_to = event->watermark_ns;
        g->event++;
        return SOURCE_EXTENT;
    case GIVEN_END:
        g->event++;
        return SOURCE_LAST;
    }
    return SOURCE_NOTHING;
}

static u64 given_total_bytes(void *self) {
    return 0;
}

static const char *given_describe(void *self) {
    return "given";
}

static void given_save(void *self, struct pack *to) {
    const struct given *g = self;
    pack_u32(to, g->event);
    pack_u64(to, g->row);
}

static int given_seek(void *self, struct unpack *from) {
    struct given *g = self;
    g->event = unpack_u32(from);
    g->row = unpack_u64(from);
    return from->bad ? error_set(0, "what is saved of the source is cut off") : 0;
}

const struct source_ops given_source = {
    .name = "given",
    .open = given_open,
    .extent = given_extent,
    .total_bytes = given_total_bytes,
    .describe = given_describe,
    .save = given_save,
    .seek = given_seek,
    .close = free,
};

/* ---- shelves ---- */

struct shelf *memory_shelf(struct memory *m, const char *name) {
    for (u32 i = 0; i < m->shelf_count; i++)
        if (!strcmp(m->shelves[i]->name, name)) return m->shelves[i];
    m->shelves = grown(m->shelves, m->shelf_count, &m->shelf_room, sizeof(struct shelf *));
    struct shelf *s = calloc(1, sizeof *s);
    ENSURE(s);
    s->name = strdup(name);
    ENSURE(s->name);
    text_buf_init(&s->committed);
    text_buf_init(&s->taken);
    m->shelves[m->shelf_count++] = s;
    return s;
}

static void *shelf_open(struct env *env, const struct sink_spec *spec) {
    struct shelf *s = memory_shelf(memory_of(env), spec->name);
    text_buf_clear(&s->taken);
    return s;
}

static int shelf_write(void *self, const u8 *at, u64 size) {
    text_buf_put(&((struct shelf *)self)->taken, at, size);
    return 0;
}

static int shelf_flush(void *self) {
    return 0;
}

static int shelf_seal(void *self, u64 number, i64 stamp, bool close, struct pack *pending) {
    struct shelf *s = self;
    u64 from = s->committed.size;
    pack_u64(pending, from);
    pack_bytes(pending, s->taken.at + from, s->taken.size - from);
    return 0;
}

static int shelf_prepare(void *self, struct unpack *pending) {
    return 0;
}

static int shelf_commit(void *self, struct unpack *pending) {
    struct text_buf *to = &((struct shelf *)self)->committed;
    u64 from = unpack_u64(pending);
    struct str bytes = unpack_bytes(pending);
    ENSURE(!pending->bad && from <= to->size);
    to->size = from;
    text_buf_put(to, bytes.at, bytes.size);
    return 0;
}

static int shelf_recover(void *self, struct unpack *pending, bool accept) {
    struct shelf *s = self;
    if (pending) shelf_commit(self, pending);
    if (!pending && s->committed.size) return error_set(0, "output without a snapshot");
    text_buf_put(&s->taken, s->committed.at, s->committed.size);
    return 0;
}

const struct sink_ops shelf_sink = {
    .name = "shelf",
    .open = shelf_open,
    .write = shelf_write,
    .flush = shelf_flush,
    .seal = shelf_seal,
    .prepare = shelf_prepare,
    .commit = shelf_commit,
    .recover = shelf_recover,
    .finish = shelf_flush,
};
