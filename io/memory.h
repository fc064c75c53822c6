/* Connectors in memory, for jobs in a simulated world: sources that are told what to give, and
   shelves, sinks whose bytes can be looked at. Both stand beside the world (env_sim.beside), so
   they outlive the job: what a source is told it tells again after a crash, from where the job goes
   on, and what was committed on a shelf stays there. One thread. */
#ifndef IO_MEMORY_H
#define IO_MEMORY_H

#include "runtime/base/text_buf.h"
#include "runtime/stage/sink.h"
#include "runtime/stage/source.h"

/* What a source gives next: some of the rows that stand in the job, a watermark, its end. */
enum given_kind { GIVEN_ROWS, GIVEN_WATERMARK, GIVEN_END };

struct given_event {
    enum given_kind kind;
    u64 first, count; /* ROWS */
    i64 watermark_ns; /* WATERMARK */
};

struct given_source {
    const char *name;
    struct given_event *events;
    u32 count, room;
};

struct shelf {
    char *name;
    struct text_buf committed;
    struct text_buf taken; /* by the job that has it now: all, from the first byte on */
};

struct memory {
    struct given_source *sources;
    u32 source_count, source_room;
    struct shelf **shelves;
    u32 shelf_count, shelf_room;
};

void memory_init(struct memory *m);
void memory_fini(struct memory *m);

/* One more thing that the source of this name gives, behind what it was told before. The name must
   live as long as the memory. */
void memory_give(struct memory *m, const char *source, struct given_event event);

/* The shelf of a sink's name, made if it is not there. */
struct shelf *memory_shelf(struct memory *m, const char *name);

extern const struct source_ops given_source; /* connector `given` */
extern const struct sink_ops shelf_sink;     /* connector `shelf` */

#endif
