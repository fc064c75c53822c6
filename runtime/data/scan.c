#include "runtime/data/scan.h"

#include "runtime/data/simd.h"

static u32 group_blocks(u64 left) {
    return left >= SIMD_GROUP * SIMD_BLOCK ? SIMD_GROUP
                                           : (u32)((left + SIMD_BLOCK - 1) / SIMD_BLOCK);
}

/* Takes the bits away that lie behind the last of `left` bytes. */
static void clip(u64 *masks, u32 blocks, u64 left) {
    if (left < blocks * SIMD_BLOCK) masks[blocks - 1] &= (1ull << left % SIMD_BLOCK) - 1;
}

static u32 count_bits(const u64 *masks, u32 blocks) {
    u32 n = 0;
    for (u32 i = 0; i < blocks; i++) n += (u32)__builtin_popcountll(masks[i]);
    return n;
}

static u64 any_bit(const u64 *masks, u32 blocks) {
    u64 any = 0;
    for (u32 i = 0; i < blocks; i++) any |= masks[i];
    return any;
}

/* ---- lines ---- */

struct scan scan_lines_by(const struct simd *simd, const u8 *at, u64 size, u32 *ends) {
    struct scan scan = { 0 };
    for (u64 done = 0; done < size; done += SIMD_GROUP * SIMD_BLOCK) {
        u64 newlines[SIMD_GROUP];
        u32 blocks = group_blocks(size - done);
        simd->find(at + done, blocks, '\n', newlines);
        clip(newlines, blocks, size - done);
        scan.count += simd->flatten(newlines, blocks, (u32)done, ends + scan.count);
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

/* Takes what lies in quotes out of both masks; `inside` is all ones if a quote is open before the
 * group. */
static u64 drop_quoted(struct simd_group *g, u32 blocks, u64 inside) {
    for (u32 i = 0; i < blocks; i++) {
        u64 quoted = prefix_xor(g->c[i]) ^ inside;
        g->a[i] &= ~quoted;
        g->b[i] &= ~quoted;
        inside = (u64)((i64)quoted >> 63);
    }
    return inside;
}

struct scan scan_csv_by(const struct simd *simd, const u8 *at, u64 size, u8 delimiter, u32 *ends) {
    struct scan scan = { 0 };
    u64 inside = 0;
    for (u64 done = 0; done < size; done += SIMD_GROUP * SIMD_BLOCK) {
        struct simd_group g;
        u32 blocks = group_blocks(size - done);
        scan.flags |= simd->find3(at + done, blocks, delimiter, '\n', '"', &g);
        clip(g.a, blocks, size - done);
        clip(g.b, blocks, size - done);
        if (UNLIKELY(any_bit(g.c, blocks) | inside)) {
            scan.flags |= SCAN_QUOTE;
            inside = drop_quoted(&g, blocks, inside);
        }
        scan.lines += count_bits(g.b, blocks);
        for (u32 i = 0; i < blocks; i++) g.a[i] |= g.b[i];
        scan.count += simd->flatten(g.a, blocks, (u32)done, ends + scan.count);
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
    u64 carry = 0;
    for (u64 done = 0; done < size; done += SIMD_GROUP * SIMD_BLOCK) {
        struct simd_group g;
        u32 blocks = group_blocks(size - done);
        scan.flags |= simd->find3(at + done, blocks, '"', '\n', '\\', &g);
        clip(g.a, blocks, size - done);
        clip(g.b, blocks, size - done);
        if (UNLIKELY(any_bit(g.c, blocks) | carry)) {
            scan.flags |= SCAN_BACKSLASH;
            for (u32 i = 0; i < blocks; i++) g.a[i] &= ~escaped_bytes(g.c[i], &carry);
        }
        scan.lines += count_bits(g.b, blocks);
        for (u32 i = 0; i < blocks; i++) g.a[i] |= g.b[i];
        scan.count += simd->flatten(g.a, blocks, (u32)done, ends + scan.count);
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
    u64 n = 0, whole = size / SIMD_BLOCK * SIMD_BLOCK;
    for (u64 done = 0; done < whole; done += SIMD_GROUP * SIMD_BLOCK) {
        u64 masks[SIMD_GROUP];
        u32 blocks = group_blocks(whole - done);
        simd->find(at + done, blocks, byte, masks);
        n += count_bits(masks, blocks);
    }
    for (u64 i = whole; i < size; i++) n += at[i] == byte;
    return n;
}
