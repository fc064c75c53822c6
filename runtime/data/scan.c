#include "runtime/data/scan.h"

#include <string.h>

#include "runtime/data/simd.h"

/* The group of blocks at the front of `left` bytes: whole blocks where they stand; the last bytes,
   if they are no whole block, in one of their own, filled up with blanks, so that nothing behind
   them is seen. */
struct group {
    const u8 *at;
    u32 blocks, size;
    u8 tail[SIMD_BLOCK];
};

static void group_take(struct group *g, const u8 *at, u64 left) {
    g->blocks = left >= SIMD_GROUP * SIMD_BLOCK ? SIMD_GROUP : (u32)(left / SIMD_BLOCK);
    g->size = g->blocks * SIMD_BLOCK;
    g->at = at;
    if (g->blocks) return;
    memset(g->tail, ' ', SIMD_BLOCK);
    memcpy(g->tail, at, left);
    g->at = g->tail;
    g->blocks = 1;
    g->size = (u32)left;
}

/* The bits of the bytes that are there. */
static u64 there(const struct group *g) {
    return g->size < SIMD_BLOCK ? (1ull << g->size) - 1 : ~0ull;
}

/* ---- lines ---- */

struct scan scan_lines_by(const struct simd *simd, const u8 *at, u64 size, u32 *ends) {
    struct scan scan = { 0 };
    struct simd_group m;
    struct group g;
    for (u64 done = 0; done < size; done += g.size) {
        group_take(&g, at + done, size - done);
        simd->find_ends(g.at, g.blocks, '\n', '\n', &m);
        scan.flags |= m.flags;
        scan.count += simd->flatten(m.lines, g.blocks, (u32)done, ends + scan.count);
    }
    scan.lines = scan.count;
    return scan;
}

/* ---- CSV ---- */

/* Bit i of the answer: the parity of the bits up to and with i. */
static u64 prefix_xor(u64 v) {
    for (u32 by = 1; by < 64; by *= 2) v ^= v << by;
    return v;
}

/* Takes what lies in quotes out; `inside` is all ones if a quote is open before the group. */
static u64 drop_quoted(const struct simd *simd, struct simd_group *m, u32 blocks, u64 inside) {
    for (u32 i = 0; i < blocks; i++) {
        u64 quoted = prefix_xor(m->marks[i]) ^ inside;
        m->ends[i] &= ~quoted;
        m->lines[i] &= ~quoted;
        inside = (u64)((i64)quoted >> 63);
    }
    m->line_count = simd->count(m->lines, blocks);
    return inside;
}

struct scan scan_csv_by(const struct simd *simd, const u8 *at, u64 size, u8 delimiter, u32 *ends) {
    struct scan scan = { 0 };
    struct simd_group m;
    struct group g;
    u64 inside = 0;
    for (u64 done = 0; done < size; done += g.size) {
        group_take(&g, at + done, size - done);
        simd->find_ends(g.at, g.blocks, delimiter, '"', &m);
        if (UNLIKELY(m.any_mark | (inside != 0))) {
            scan.flags |= SCAN_QUOTE;
            inside = drop_quoted(simd, &m, g.blocks, inside);
        }
        m.ends[0] &= there(&g); /* the delimiter may be a blank */
        scan.flags |= m.flags;
        scan.lines += m.line_count;
        scan.count += simd->flatten(m.ends, g.blocks, (u32)done, ends + scan.count);
    }
    return scan;
}

/* ---- JSON ---- */

/* The bytes that a backslash before them escapes, and those of a pair that do not escape: a run of
   backslashes escapes what follows it if it is odd. The subtraction carries through each run. */
static u64 escaped_bytes(u64 slashes, u64 *carry) {
    const u64 odd = 0xaaaaaaaaaaaaaaaaull;
    u64 starts = slashes & ~*carry;
    u64 codes = ((starts << 1 | odd) - starts) ^ odd;
    u64 escaped = codes ^ (slashes | *carry);
    *carry = (codes & slashes) >> 63;
    return escaped;
}

struct scan scan_json_by(const struct simd *simd, const u8 *at, u64 size, u32 *ends) {
    struct scan scan = { 0 };
    struct simd_group m;
    struct group g;
    u64 carry = 0;
    for (u64 done = 0; done < size; done += g.size) {
        group_take(&g, at + done, size - done);
        simd->find_ends(g.at, g.blocks, '"', '\\', &m);
        if (UNLIKELY(m.any_mark | (carry != 0))) {
            scan.flags |= SCAN_BACKSLASH;
            for (u32 i = 0; i < g.blocks; i++)
                m.ends[i] = (m.ends[i] & ~escaped_bytes(m.marks[i], &carry)) | m.lines[i];
        }
        scan.flags |= m.flags;
        scan.lines += m.line_count;
        scan.count += simd->flatten(m.ends, g.blocks, (u32)done, ends + scan.count);
    }
    return scan;
}

/* ---- by the best level of this machine ---- */

struct scan scan_lines(const u8 *at, u64 size, u32 *ends) {
    return scan_lines_by(simd_best(), at, size, ends);
}
struct scan scan_csv(const u8 *at, u64 size, u8 delimiter, u32 *ends) {
    return scan_csv_by(simd_best(), at, size, delimiter, ends);
}
struct scan scan_json(const u8 *at, u64 size, u32 *ends) {
    return scan_json_by(simd_best(), at, size, ends);
}
bool utf8_valid(const u8 *at, u64 size) {
    return simd_best()->utf8_valid(at, size);
}

u64 scan_count(const u8 *at, u64 size, u8 byte) {
    const struct simd *simd = simd_best();
    struct group g;
    u64 n = 0;
    for (u64 done = 0; done < size; done += g.size) {
        u64 masks[SIMD_GROUP];
        group_take(&g, at + done, size - done);
        simd->find(g.at, g.blocks, byte, masks);
        masks[0] &= there(&g); /* the byte may be a blank */
        n += simd->count(masks, g.blocks);
    }
    return n;
}
