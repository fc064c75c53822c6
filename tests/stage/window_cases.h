/* Windows as section 7 of the language tells them, by brute force (the shape of tests/oracle's
   panes.py), and hand-written stages of four kinds to hold against them: what generated code would
   hand to stage/window.h. */
#ifndef TESTS_STAGE_WINDOW_CASES_H
#define TESTS_STAGE_WINDOW_CASES_H

#include "runtime/stage/window.h"
#include "runtime/state/kept.h"

enum kind {
    KIND_COUNT,
    KIND_SUM,
    KIND_ALL,
    KIND_KEPT,
    KINDS,
    KIND_FLOAT = KINDS
}; /* u64 key; text key with an inverse; text key without; with contents. The reference knows no
      floats. */

struct row {
    u32 key; /* number: kinds with text keys make a text of it */
    bool null;
    i64 value, time;
};

/* A pane as it came out, or as it should. */
struct shown {
    u32 key;
    i64 start, end;
    u32 number;
    u8 timing, op;
    bool caused;
    u16 shard;
    u32 position;
    u64 rows, values;
    i64 sum, low, high;
    u32 nth,
        moment; /* for comparing: as it came; panes of one window at one time have one moment */
};

struct shown_list {
    struct shown *at;
    u32 count, room;
};

/* From emit: what accumulators hold, as a pane. */
void window_show(struct chain *c, struct shown s, const struct pane *p);

/* ---- window_kept.c's, for window_cases.c ---- */
extern const struct window_ops kept_window_ops;
void kept_delta(const struct row *row, u64 arrival, struct region *region, void *acc);
bool kept_stage_row(struct window *w, struct chain *c, const struct row *row, bool ready);

void shown_add(struct shown_list *l, struct shown s);

/* What a stage of this kind is parameterised with, its slots being those of windows; a row's key,
 *which key is left to point to, and its hash; a row's accumulators. */
struct kind_key {
    char text[64];
    u64 number;
    struct key_probe probe;
};
const struct window_ops *kind_ops(enum kind kind);
u64 kind_key(enum kind kind, u32 number, u64 hash_key, struct kind_key *room, const void **key);
void kind_delta(enum kind kind, const struct row *row, struct keyed *keyed, u64 hash, u64 acc[8]);

/* ---- the reference ---- */
struct reference;
struct reference *reference_new(const struct window_spec *spec, enum kind kind);
void reference_free(struct reference *r);
/* False: too late for all windows. Panes that it lets out go to out. */
bool reference_row(struct reference *r, const struct row *row, u32 position,
                   struct shown_list *out);
void reference_watermark(struct reference *r, i64 w, struct shown_list *out);
void reference_clock(struct reference *r, i64 clock, struct shown_list *out);
u64 reference_open_rows(const struct reference *r);
u32 reference_windows(const struct reference *r);

/* ---- the stage: as many tasks as asked for, each with its shards ---- */
struct stage {
    enum kind kind;
    u32 tasks;
    struct window windows[8];
    bool ready;         /* tables are touched as a whole */
    struct chain chain; /* engine: the shown_list that panes go to */
};
void stage_open(struct stage *s, enum kind kind, const struct window_spec *spec, u32 tasks);
void stage_close(struct stage *s);
bool stage_row(struct stage *s, const struct row *row, u32 position, struct shown_list *out);
void stage_watermark(struct stage *s, i64 w, struct shown_list *out);
void stage_clock(struct stage *s, i64 clock, struct shown_list *out);
int stage_restore(struct stage *s, struct unpack *from, const struct image *image);
u64 stage_open_rows(const struct stage *s);
u64 stage_keys(const struct stage *s);
u64 stage_bytes(const struct stage *s);

#endif
