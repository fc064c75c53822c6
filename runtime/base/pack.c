#include "runtime/base/pack.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256u

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are stored as they are");

void pack_init(struct pack *p) {
    *p = (struct pack){ 0 };
}

void pack_fini(struct pack *p) {
    free(p->at);
    *p = (struct pack){ 0 };
}

void pack_clear(struct pack *p) {
    p->size = 0;
}

void *pack_room(struct pack *p, u64 size) {
    if (p->room - p->size < size) {
        u64 room = p->room ? p->room : ROOM_FIRST;
        while (room - p->size < size) room *= 2;
        p->at = realloc(p->at, room);
        ENSURE(p->at);
        p->room = room;
    }
    u8 *at = p->at + p->size;
    memset(at, 0, size);
    p->size += size;
    return at;
}

static void put(struct pack *p, const void *from, u64 size) {
    void *at = pack_room(p, size);
    if (size) memcpy(at, from, size);
}

void pack_u8(struct pack *p, u8 value) {
    put(p, &value, sizeof value);
}

void pack_u32(struct pack *p, u32 value) {
    put(p, &value, sizeof value);
}

void pack_u64(struct pack *p, u64 value) {
    put(p, &value, sizeof value);
}

void pack_i64(struct pack *p, i64 value) {
    put(p, &value, sizeof value);
}

void pack_bytes(struct pack *p, const void *from, u64 size) {
    pack_u64(p, size);
    put(p, from, size);
}

void pack_text(struct pack *p, const char *text) {
    pack_bytes(p, text, text ? strlen(text) : 0);
}

const void *unpack_room(struct unpack *u, u64 size) {
    if (u->bad || (u64)(u->end - u->at) < size) {
        u->bad = true;
        return NULL;
    }
    const u8 *at = u->at;
    u->at += size;
    return at;
}

static void get(struct unpack *u, void *into, u64 size) {
    const void *at = unpack_room(u, size);
    if (at)
        memcpy(into, at, size);
    else
        memset(into, 0, size);
}

u8 unpack_u8(struct unpack *u) {
    u8 value;
    get(u, &value, sizeof value);
    return value;
}

u32 unpack_u32(struct unpack *u) {
    u32 value;
    get(u, &value, sizeof value);
    return value;
}

u64 unpack_u64(struct unpack *u) {
    u64 value;
    get(u, &value, sizeof value);
    return value;
}

i64 unpack_i64(struct unpack *u) {
    i64 value;
    get(u, &value, sizeof value);
    return value;
}

struct str unpack_bytes(struct unpack *u) {
    u64 size = unpack_u64(u);
    const void *at = unpack_room(u, size);
    return at ? (struct str){ at, size } : (struct str){ "", 0 };
}

struct unpack unpack_part(struct unpack *u) {
    struct str part = unpack_bytes(u);
    struct unpack inner = unpack_of(part.at, part.size);
    inner.bad = u->bad;
    return inner;
}
