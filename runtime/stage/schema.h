/* What a stage remembers of a key, told so that another program can read it: which columns its
   slots begin with, which accumulators follow, and of which windows. Generated code gives each
   stage its schema; a snapshot holds it beside the state, and a job that has changed since finds
   out by comparing what becomes of the state:

       keep      the layout is the same: bytes are copied
       migrate   key by key: other places, wider integers, columns that may be null now, new
                 accumulators of values that all old rows had null, accumulators that went
       refuse    anything else, with the reasons

   Fields pair by role and name: of a key its column's, of an accumulator what it is of, as
   "sum(price)". Their order is of no account. */
#ifndef RUNTIME_STAGE_SCHEMA_H
#define RUNTIME_STAGE_SCHEMA_H

#include "runtime/base/arena.h"
#include "runtime/base/pack.h"
#include "runtime/base/text_buf.h"
#include "runtime/data/calendar.h"
#include "runtime/data/type.h"

enum window_shape {
    SHAPE_FIXED,
    SHAPE_CALENDAR,
    SHAPE_GLOBAL,
    SHAPE_SESSION,
    SHAPE_SAME,
    SHAPE_ROWS
};
enum window_mode { WINDOW_ACCUMULATING, WINDOW_DISCARDING, WINDOW_RETRACTING };

/* `every D` and `every D wall`, up to three of each; `every N rows`; 0: not said. */
#define SPEC_PERIODS 3

struct triggers {
    i64 time_ns[SPEC_PERIODS], wall_ns[SPEC_PERIODS];
    u64 rows;
};

/* The clause of a window. */
struct window_spec {
    enum window_shape shape;
    i64 size_ns, slide_ns, offset_ns; /* FIXED; tumbling: slide = size. SESSION: size is the gap */
    u32 rows, every;                  /* ROWS */
    i64 lateness_ns;
    bool wall; /* of the clock: the time of a row is its morsel's stamp, W is the clock */
    struct triggers early, late;
    enum window_mode mode;
    bool same;        /* FIXED: a row is of the one window that ends 1 ns behind its time */
    const char *zone; /* CALENDAR */
    enum time_unit unit;
    const struct calendar *calendar; /* of these, loaded: the engine's; null in a job */
};

enum state_role {
    STATE_KEY,   /* a column of the key: strings as struct key_text, floats as key_of_f64 */
    STATE_COUNT, /* u64 */
    STATE_SUM,   /* i64, wraps */
    STATE_WIDE,  /* 128 bits */
    STATE_FLOAT, /* f64 */
    STATE_MIN,   /* as type says, strings as struct key_text */
    STATE_MAX,
    STATE_ROWS, /* struct kept_rows; its name tells the rows and their order */
    STATE_ROLES,
};

struct state_field {
    const char *name, *was; /* was: the name it had before, or null */
    enum state_role role;
    struct type type; /* of the column, or of the value that is taken in */
    u32 at, size;     /* a key's in the slot, an accumulator's in the accumulators */
    i32 null_bit;     /* of a key, in the word of nulls; -1: it is never null */
};

/* Accumulators begin with `u64 rows`, which no field tells. */
struct state_schema {
    const struct state_field *fields;
    u32 count;
    u32 slot_size, acc_at, acc_size;
    u32 nulls_at, nulls_size; /* a word of a bit for each key that may be null; size 0: none */
    const struct window_spec *window; /* null: it has none */
};

void schema_pack(const struct state_schema *s, struct pack *to);

/* All of it in the arena, and every place within its slot. Null with an error trail. */
struct state_schema *schema_unpack(struct unpack *from, struct arena *arena);

/* A line for each field, for people. */
void schema_print(const struct state_schema *s, struct text_buf *to);

enum schema_fit { SCHEMA_KEEP, SCHEMA_MIGRATE, SCHEMA_REFUSE };

/* What becomes of state of `old` in a job that has `now`; a line in `why` (may be null) for each
   field that is not as it was. */
enum schema_fit schema_compare(const struct state_schema *old, const struct state_schema *now,
                               struct text_buf *why);

/* ---- from the one layout to the other: for two that are not refused ---- */

struct schema_move {
    u32 from, from_size, to, to_size; /* integers become wider; else the sizes are the same */
    bool is_signed;
    i32 from_bit, to_bit; /* of a key that may be null */
};

struct schema_map {
    const struct state_schema *old, *now;
    struct schema_move *keys, *accs; /* in the arena */
    u32 key_count, acc_count;
};

struct schema_map schema_map_of(const struct state_schema *old, const struct state_schema *now,
                                struct arena *arena);

/* The key of a slot; what has no old value is zero. A long text still is where it was. */
void schema_move_key(const struct schema_map *m, const u8 *old_slot, u8 *slot);

/* Accumulators, rows included (bit 63 too). */
void schema_move_acc(const struct schema_map *m, const u8 *old_acc, u8 *acc);

#endif
