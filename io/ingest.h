/* The ingest log: what was read of an input that cannot be read again (a pipe, a terminal), kept in
   the job's state directory until no snapshot needs it. Bytes are logged before a morsel is made of
   them; after a restart they are read from the log, from the snapshot's position on, and where the
   log ends the live input goes on. So a kill loses at most what was being read at that instant.

   The log is one stream of bytes, numbered from 0, in segments `STATE/ingest/SOURCE/NUMBER`, each
   of records with checksums. A segment is written by one process, of one live input, and never
   changed once another has begun; it ends where the next one starts, so a torn end needs no repair.
   Synced by `prepare` alone: to a pipe nothing is acknowledged.

   prepare and retained are for the snapshot thread, all else is for whoever holds the ticket; the
   two share nothing but the folder. */
#ifndef IO_INGEST_H
#define IO_INGEST_H

#include "runtime/base/base.h"
#include "runtime/base/env.h"
#include "runtime/base/pack.h"

#define INGEST_SEGMENT_BYTES (64ull << 20)

struct ingest;

/* Makes the folder, or looks at what is in it. A log is begun, or read from its start, or from
   where ingest_seek says. Null with an error trail. */
struct ingest *ingest_open(struct env *env, const char *state, const char *source,
                           u64 segment_bytes);
/* Goes back to what ingest_save packed. -1: the log does not hold it (any more). */
int ingest_seek(struct ingest *l, struct unpack *from);

/* Does a log say that the input has ended: 1; no, or there is none: 0; -1. */
int ingest_ended(struct env *env, const char *state, const char *source);
/* Begins anew: behind all that is in the log. */
int ingest_skip(struct ingest *l);
u64 ingest_offset(const struct ingest *l); /* of the next byte that is read or appended */

/* The next logged bytes, at most `room`: how many, or -1: damaged. 0: *another: what follows is of
   another input than what came before, so no record goes on from there to here; or *ended: here the
   input ended; or neither: the live input goes on. */
i64 ingest_read(struct ingest *l, void *into, u64 room, bool *another, bool *ended);
/* After the last logged byte: the live input is this file. True: it is another one than before. */
bool ingest_live(struct ingest *l, const struct env_file_info *live);
/* Logs bytes of the live input; none: its end. -1: nothing is logged; ENOSPC and EDQUOT may pass.
 */
int ingest_append(struct ingest *l, const u8 *at, u64 size);

/* `position`: of the first byte that is to be read again. */
void ingest_save(const struct ingest *l, u64 position, struct pack *to);
int ingest_prepare(struct ingest *l, struct unpack *saved);
void ingest_retained(struct ingest *l, struct unpack *oldest);

void ingest_close(struct ingest *l);

#endif
