/* A job of one sink, as the engine drives it: rows, seals, snapshots, crashes and starts, with a
   manifest that is there or not; and what must then be on the disk. A crash is an env whose calls
   all fail from some call on: nothing changes any more, and the sink is let go of. */
#ifndef TESTS_IO_SINK_MODEL_H
#define TESTS_IO_SINK_MODEL_H

#include "runtime/base/env_sim.h"
#include "runtime/base/text_buf.h"
#include "runtime/stage/sink.h"

enum { PARTITIONS = 3 };

struct model {
    struct env_sim sim;
    struct env *env; /* that the sink is given: sim's, or one on top of it */
    const struct sink_ops *ops;
    bool parts; /* `partition: [p], roll: 5s` */
    const char *head;
    char folder[32], path[64];
    void *sink;
    u64 row, number, failures; /* the next row; the newest snapshot; that failed in a row */
    /* the manifest: what a crash leaves */
    bool saved;
    struct pack pending;
    u64 saved_row, used; /* rows before it; numbers that were ever used */
    bool finished;
    void (*on_manifest)(struct model *m, void *arg); /* or null: it is there from now on */
    void *arg;
    /* faults */
    u64 fault_at; /* the call of sim.calls */
    int fault;    /* errno or ENV_FAULT_SHORT; 0: none */
    bool for_good;
    char distrusted[256]; /* the hidden file whose sync failed last in this life */
    u32 trusted_again;    /* syncs of it since */
};

void model_init(struct model *m, u64 seed, bool parts, const char *head);
/* The same in a folder that is there. */
void model_init_in(struct model *m, u64 seed, bool parts, const char *head, const char *folder);
void model_fini(struct model *m); /* and its files */

/* The call from now on that is the first to fail. */
void model_fault(struct model *m, u64 after, int fault, bool for_good);

int model_start(struct model *m); /* open, recover */
int model_row(struct model *m);
/* seal, prepare, manifest, commit. -1: the job must stop; failed snapshots and commits are borne,
   three in a row. */
int model_snapshot(struct model *m, bool close);
void model_stop(struct model *m); /* also after a crash */

/* `rows` rows with a snapshot after every `every`, from wherever the last life came to. -1: it
   stopped on the way. */
int model_run(struct model *m, u64 rows, u64 every);

/* The committed output is that of the first `rows` rows, and nothing else. */
bool model_check(struct model *m, u64 rows);
/* No file is left that should not be. */
bool model_is_clean(struct model *m);

#endif
