/* A job from text to a loaded object, run by hand: one chain, fused, no engine. What it would send
   to its sinks, and what it calls malformed, is kept as text. With UBSan that stops at the first
   fault. */
#ifndef TESTS_DSL_EMITTED_H
#define TESTS_DSL_EMITTED_H

#include "runtime/job.h"

struct emitted {
    const struct job *job;
    void *library;
    char *c_text;
    char *out; /* rows, as the sinks would write them; "!reason\n" for a malformed record */
    size_t out_size;
    bool stop; /* chain_malformed answers no */
    struct chain chain;
    struct chain_counts counts[8];
    struct window windows[8];
    void *state_at[8];
    struct table tables[4];
    const struct table *table_at[4];
    struct outlet outlets[8];
    u64 blackholes[8];
};

/* Compiles and loads. False: the checker or the compiler refused (told on stderr). */
bool emitted_open(struct emitted *e, const char *flow);
void emitted_close(struct emitted *e);

/* A morsel of the first source of these bytes (with room around them). Clears what was kept.
 * Returns it. */
const char *emitted_feed(struct emitted *e, const char *bytes, size_t size);
/* A morsel of rows [first, first + rows) of a generator. */
const char *emitted_generate(struct emitted *e, u64 first, u64 rows);
void emitted_load(struct emitted *e, u32 table, const char *bytes);
/* The input ends: all windows fire. */
const char *emitted_end(struct emitted *e);

#endif
