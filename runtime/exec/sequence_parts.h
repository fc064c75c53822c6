/* What sequence.c and sequence_save.c share. Under the lock, or before the job starts. */
#ifndef RUNTIME_EXEC_SEQUENCE_PARTS_H
#define RUNTIME_EXEC_SEQUENCE_PARTS_H

#include "runtime/exec/sequence.h"

/* Where everything stands before `morsel`, whoever has finished which of those given. */
void sequence_cut(struct sequence *s, u64 morsel);

/* A ticket of the source has this stamp. */
void sequence_tell_clock(struct sequence_source *from, i64 stamp);
#define SEEN (1 + JOB_TIMES_MAX)
void sequence_raise_seen(struct sequence_source *from, const i64 *seen);
/* It is open, idle or neither. */
void sequence_tell_state(struct sequence_source *from);
void sequence_end_if_over(struct sequence *s);
/* By its number in the job. */
struct sequence_source *sequence_source(struct sequence *s, u32 number);

#endif
