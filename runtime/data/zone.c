#include "runtime/data/zone.h"

#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"
#include "runtime/data/zone_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/usr/share/zoneinfo"
#define NAME_MAX_BYTES 100u
#define FILE_MAX (1ull << 20)
#define HEAD 44u
#define OFFSET_MAX (26 * 3600) /* further from UTC than any zone may be (RFC 8536) */
#define CHANGES_MAX 65536u

struct zone {
    u32 count;
    i32 first;    /* the distance before the first change */
    i64 *at;      /* changes */
    i32 *offsets; /* from each of them on */
    bool has_rule;
    struct zone_rule rule; /* from the last of them on */
};

/* ---- the file ---- */

/* Words of letters, digits, `_`, `+` and `-` between slashes: nothing that leaves the folder. */
static bool name_is_plain(const char *name) {
    u64 size = strlen(name);
    bool begins = true;
    if (!size || size > NAME_MAX_BYTES || name[size - 1] == '/') return false;
    for (; *name; name++) {
        bool letter = ((*name | 32) >= 'a' && (*name | 32) <= 'z');
        bool other = (*name >= '0' && *name <= '9') || *name == '_' || *name == '+' || *name == '-';
        if (begins ? !letter : !letter && !other && *name != '/') return false;
        begins = *name == '/';
    }
    return true;
}

/* All of a file of the database, with a 0 behind it; null with an error trail. */
static u8 *read_all(struct env *env, const char *name, u64 most, u64 *size) {
    char path[sizeof FOLDER + 1 + NAME_MAX_BYTES];
    struct env_file file;
    struct env_file_info info;
    u8 *bytes = NULL;
    snprintf(path, sizeof path, FOLDER "/%s", name);
    if (env_open(env, path, ENV_OPEN_READ, &file) < 0) return NULL;
    if (env_info(env, file, &info) < 0)
        ;
    else if (info.kind != ENV_FILE_REGULAR || info.size > most)
        error_set(0, "it is not a file of the time zone database");
    else {
        bytes = malloc(info.size + 1);
        ENSURE(bytes);
        i64 got = env_read_at(env, file, bytes, info.size, 0);
        if (got < 0) {
            free(bytes);
            bytes = NULL;
        } else {
            *size = (u64)got;
            bytes[got] = 0;
        }
    }
    env_close(env, file);
    return bytes;
}

static u64 big(const u8 *at, u32 bytes) {
    u64 v = 0;
    for (u32 i = 0; i < bytes; i++) v = v << 8 | at[i];
    return v;
}

/* A header, and how many bytes stand behind it. */
struct block {
    u64 changes, types, names, leaps, standard, universal;
};

static bool read_head(const u8 *at, u64 size, u32 time_bytes, struct block *b, u64 *bytes) {
    if (size < HEAD || memcmp(at, "TZif", 4) != 0 || at[4] < '2') return false;
    *b = (struct block){ .universal = big(at + 20, 4),
                         .standard = big(at + 24, 4),
                         .leaps = big(at + 28, 4),
                         .changes = big(at + 32, 4),
                         .types = big(at + 36, 4),
                         .names = big(at + 40, 4) };
    *bytes = b->changes * (time_bytes + 1) + b->types * 6 + b->names + b->leaps * (time_bytes + 4) +
             b->standard + b->universal;
    return *bytes <= size - HEAD;
}

static bool offset_of(const u8 *types, u64 count, u64 type, i32 *out) {
    if (type >= count) return false;
    *out = (i32)(u32)big(types + type * 6, 4);
    return *out >= -OFFSET_MAX && *out <= OFFSET_MAX;
}

/* The text between the line feeds at the end; cuts it there. */
static bool read_rule(struct zone *z, u8 *at, u8 *end) {
    if (at == end || *at++ != '\n') return false;
    u8 *last = memchr(at, '\n', (u64)(end - at));
    if (!last) return false;
    *last = 0;
    if (at == last) return true;
    z->has_rule = zone_rule_parse((const char *)at, &z->rule);
    return z->has_rule && abs(z->rule.standard) <= OFFSET_MAX && abs(z->rule.summer) <= OFFSET_MAX;
}

static bool read_zone(struct zone *z, u8 *at, u64 size) {
    struct block b;
    u64 bytes;
    u8 *end = at + size;
    if (!read_head(at, size, 4, &b, &bytes)) return false;
    at += HEAD + bytes; /* the times of 32 bits */
    if (!read_head(at, (u64)(end - at), 8, &b, &bytes)) return false;
    if (b.leaps || !b.types || b.changes > CHANGES_MAX) return false;
    const u8 *times = at + HEAD, *kinds = times + b.changes * 8, *types = kinds + b.changes;
    z->at = calloc(b.changes + 1, sizeof *z->at);
    z->offsets = calloc(b.changes + 1, sizeof *z->offsets);
    ENSURE(z->at && z->offsets);
    z->count = (u32)b.changes;
    if (!offset_of(types, b.types, 0, &z->first)) return false;
    for (u32 i = 0; i < z->count; i++) {
        z->at[i] = (i64)big(times + i * 8ull, 8);
        if (!offset_of(types, b.types, kinds[i], &z->offsets[i])) return false;
        if (i && z->at[i] <= z->at[i - 1]) return false;
    }
    return read_rule(z, at + HEAD + bytes, end);
}

struct zone *zone_load(struct env *env, const char *name) {
    u64 size = 0;
    if (!name_is_plain(name)) {
        error_set(0, "there is no time zone `%s`", name);
        return NULL;
    }
    u8 *bytes = read_all(env, name, FILE_MAX, &size);
    if (!bytes) {
        error_add("there is no time zone `%s` here (package tzdata)", name);
        return NULL;
    }
    struct zone *z = calloc(1, sizeof *z);
    ENSURE(z);
    if (!read_zone(z, bytes, size)) {
        zone_free(z);
        z = NULL;
        error_set(0, "the time zone `%s` cannot be read from %s/%s (package tzdata)", name, FOLDER,
                  name);
    }
    free(bytes);
    return z;
}

/* The database in one text: `Z NAME ...` is a zone, `L NAME ALIAS` another name of one. */
void zone_names(struct env *env, void (*each)(void *arg, const char *name), void *arg) {
    u64 size = 0;
    char *text = (char *)read_all(env, "tzdata.zi", FILE_MAX, &size), *next = text;
    for (char *line; (line = next) && *line;) {
        next = line + strcspn(line, "\n");
        if (*next) *next++ = 0;
        bool alias = line[0] == 'L';
        if ((!alias && line[0] != 'Z') || line[1] != ' ') continue;
        line += 2;
        if (alias && !(line = strchr(line, ' '))) continue;
        line += alias;
        line[strcspn(line, " ")] = 0;
        if (name_is_plain(line)) each(arg, line);
    }
    free(text);
    error_clear();
}

void zone_free(struct zone *z) {
    if (!z) return;
    free(z->at);
    free(z->offsets);
    free(z);
}

/* ---- asking ---- */

struct zone_span zone_span_at(const struct zone *z, i64 instant) {
    u32 low = 0, high = z->count; /* the first change behind the instant */
    while (low < high) {
        u32 middle = (low + high) / 2;
        if (z->at[middle] <= instant)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->count && z->has_rule) return zone_rule_span(&z->rule, instant);
    return (struct zone_span){ low < z->count ? z->at[low] : INT64_MAX,
                               low ? z->offsets[low - 1] : z->first };
}

i64 zone_instant(const struct zone *z, i64 local) {
    for (i64 from = local - OFFSET_MAX;;) {
        struct zone_span span = zone_span_at(z, from);
        i64 at = local - span.offset;
        if (at < from) at = from;
        if (at < span.until) return at;
        from = span.until;
    }
}
