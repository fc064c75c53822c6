#include "runtime/exec/counts.h"

#include "runtime/base/ensure.h"

#include <stdlib.h>
#include <string.h>

static void *make(u64 count, u64 size) {
    void *at = calloc(count ? count : 1, size);
    ENSURE(at);
    return at;
}

void run_counts_init(struct run_counts *c, const struct job *job) {
    c->sources = make(job->source_count, sizeof *c->sources);
    c->stages = make(job->stage_count, sizeof *c->stages);
    c->bytes_in = make(job->source_count, sizeof *c->bytes_in);
    c->holes = make(job->blackhole_count, sizeof *c->holes);
}

void run_counts_fini(struct run_counts *c) {
    free(c->sources);
    free(c->stages);
    free(c->bytes_in);
    free(c->holes);
    *c = (struct run_counts){ 0 };
}

static void add(struct chain_counts *to, const struct chain_counts *more) {
    to->rows_in += more->rows_in;
    to->rows_out += more->rows_out;
    to->late += more->late;
    to->malformed += more->malformed;
    to->ahead += more->ahead;
}

void run_counts_add(struct run_counts *to, const struct run_counts *more, const struct job *job) {
    for (u32 i = 0; i < job->source_count; i++) {
        add(&to->sources[i], &more->sources[i]);
        to->bytes_in[i] += more->bytes_in[i];
    }
    for (u32 i = 0; i < job->stage_count; i++) add(&to->stages[i], &more->stages[i]);
    for (u32 i = 0; i < job->blackhole_count; i++) to->holes[i] += more->holes[i];
}

/* ---- in snapshots ---- */

static void pack_one(struct pack *to, const char *name, const struct chain_counts *c, u64 other) {
    pack_text(to, name);
    pack_u64(to, c->rows_in);
    pack_u64(to, c->rows_out);
    pack_u64(to, c->late);
    pack_u64(to, c->malformed);
    pack_u64(to, c->ahead);
    pack_u64(to, other);
}

void run_counts_pack(const struct run_counts *c, const struct job *job, struct pack *to) {
    pack_u32(to, job->source_count);
    for (u32 i = 0; i < job->source_count; i++)
        pack_one(to, job->sources[i].name, &c->sources[i], c->bytes_in[i]);
    pack_u32(to, job->stage_count);
    for (u32 i = 0; i < job->stage_count; i++) pack_one(to, job->stages[i].name, &c->stages[i], 0);
    pack_u32(to, job->blackhole_count);
    for (u32 i = 0; i < job->blackhole_count; i++) {
        struct chain_counts rows = { .rows_in = c->holes[i] };
        pack_one(to, job->blackholes[i], &rows, 0);
    }
}

static struct str unpack_one(struct unpack *from, struct chain_counts *c, u64 *other) {
    struct str name = unpack_bytes(from);
    c->rows_in = unpack_u64(from);
    c->rows_out = unpack_u64(from);
    c->late = unpack_u64(from);
    c->malformed = unpack_u64(from);
    c->ahead = unpack_u64(from);
    *other = unpack_u64(from);
    return name;
}

static bool is_name(const char *name, struct str text) {
    return strlen(name) == text.size && !memcmp(name, text.at, text.size);
}

void run_counts_unpack(struct run_counts *c, const struct job *job, struct unpack *from) {
    struct chain_counts one;
    u64 other;
    for (u32 n = unpack_u32(from); n && !from->bad; n--) {
        struct str name = unpack_one(from, &one, &other);
        for (u32 i = 0; i < job->source_count; i++) {
            if (!is_name(job->sources[i].name, name)) continue;
            add(&c->sources[i], &one);
            c->bytes_in[i] += other;
        }
    }
    for (u32 n = unpack_u32(from); n && !from->bad; n--) {
        struct str name = unpack_one(from, &one, &other);
        for (u32 i = 0; i < job->stage_count; i++)
            if (is_name(job->stages[i].name, name) ||
                (job->stages[i].was && is_name(job->stages[i].was, name)))
                add(&c->stages[i], &one);
    }
    for (u32 n = unpack_u32(from); n && !from->bad; n--) {
        struct str name = unpack_one(from, &one, &other);
        for (u32 i = 0; i < job->blackhole_count; i++)
            if (is_name(job->blackholes[i], name)) c->holes[i] += one.rows_in;
    }
}
