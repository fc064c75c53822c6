/* Values as bytes, for what is written to disk: little endian, no padding, no types. Whoever reads
   must ask for the same values in the same order. A struct pack grows as text_buf does (out of
   memory aborts); a struct unpack never reads behind its end: it becomes `bad`, and then gives
   zeros, so that a reader may ask for everything and look once. One thread at a time. */
#ifndef RUNTIME_BASE_PACK_H
#define RUNTIME_BASE_PACK_H

#include "runtime/base/base.h"

struct pack {
    u8 *at;
    u64 size, room;
};

void pack_init(struct pack *p);
void pack_fini(struct pack *p);
void pack_clear(struct pack *p); /* keeps the room */

void pack_u8(struct pack *p, u8 value);
void pack_u32(struct pack *p, u32 value);
void pack_u64(struct pack *p, u64 value);
void pack_i64(struct pack *p, i64 value);

/* A u64 size, then the bytes. */
void pack_bytes(struct pack *p, const void *from, u64 size);
void pack_text(struct pack *p, const char *text); /* the same, without its NUL; null: empty */

/* Zero bytes to be filled in; good until the next call. */
void *pack_room(struct pack *p, u64 size);

struct unpack {
    const u8 *at, *end;
    bool bad;
};

ALWAYS_INLINE struct unpack unpack_of(const void *at, u64 size) {
    return (struct unpack){ (const u8 *)at, (const u8 *)at + size, false };
}

u8 unpack_u8(struct unpack *u);
u32 unpack_u32(struct unpack *u);
u64 unpack_u64(struct unpack *u);
i64 unpack_i64(struct unpack *u);

/* What pack_bytes or pack_text wrote: points into what is read; {"", 0} if it is bad. */
struct str unpack_bytes(struct unpack *u);

/* The same, as something to read from. */
struct unpack unpack_part(struct unpack *u);

/* Exactly `size` bytes in place, null if they are not there. */
const void *unpack_room(struct unpack *u, u64 size);

/* Was all of it read, and was it all there? */
ALWAYS_INLINE bool unpack_is_done(const struct unpack *u) {
    return !u->bad && u->at == u->end;
}

#endif
