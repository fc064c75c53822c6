/* What is asked of a running job (control.h), and what it answers. Main thread. */
#ifndef CLI_OPERATION_H
#define CLI_OPERATION_H

#include "cli/control.h"
#include "cli/life.h"
#include "cli/report.h"

struct operation {
    struct engine *e;
    const struct life *life;
    struct report *report;
    char *dir;   /* the state's, from the root */
    bool stops;  /* somebody asked for the end */
    bool ended;  /* it has come; the snapshot thread is gone */
    char *error; /* why, or null */
    struct snapshot_request saving;
    char *folder; /* of the savepoint under way; null: none is */
};

void operation_init(struct operation *o, struct engine *e, const struct life *life,
                    struct report *report);

enum control_outcome operation_serve(void *self, struct control_call *call);

/* After engine_finish: who waits for the end is answered. */
void operation_end(struct operation *o, const char *error);
void operation_fini(struct operation *o);

#endif
