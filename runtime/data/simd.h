/* The block kernels below scan.h, split.h and utf8_valid: the few loops that are worth a vector
   unit, once for each level of machine, behind a table. What is built on them is written once, over
   64-bit masks: bit i stands for byte i of a block of 64. Private to runtime/data and its tests,
   which run every level. */
#ifndef RUNTIME_DATA_SIMD_H
#define RUNTIME_DATA_SIMD_H

#include "runtime/data/scan.h"
#include "runtime/data/split.h"

#define SIMD_BLOCK 64u
#define SIMD_GROUP 16u /* blocks that one call takes at most */

enum simd_level { SIMD_PORTABLE, SIMD_AVX2, SIMD_AVX512, SIMD_LEVELS };

struct simd_group {
    u64 ends[SIMD_GROUP];  /* where `end` or a newline is */
    u64 lines[SIMD_GROUP]; /* where a newline is */
    u64 marks[SIMD_GROUP]; /* where `mark` is */
    u32 line_count;
    bool any_mark;
    u32 flags; /* SCAN_CONTROL, SCAN_HIGH */
};

struct simd {
    const char *name;
    /* The places of one byte, in whole blocks. */
    void (*find)(const u8 *at, u32 blocks, u8 byte, u64 *masks);
    /* The places of two bytes and of newlines, in 1 to SIMD_GROUP whole blocks. */
    void (*find_ends)(const u8 *at, u32 blocks, u8 end, u8 mark, struct simd_group *group);
    /* Members of the class, of size bytes; reads nothing outside of them. Bits past size are 0. */
    void (*in_class)(const u8 *at, u32 size, const struct byte_class *class, u64 *masks);
    /* Writes base + the place of each bit, in order; up to 16 entries more than it returns. */
    u32 (*flatten)(const u64 *masks, u32 blocks, u32 base, u32 *out);
    u32 (*count)(const u64 *masks, u32 blocks); /* bits */
    bool (*utf8_valid)(const u8 *at, u64 size);
};

/* Null if this machine has no such level. */
const struct simd *simd_at(enum simd_level level);
/* The highest level of this machine: a test of a few bits. */
const struct simd *simd_best(void);

/* What scan.h and split.h promise, with the kernels of one level. */
struct scan scan_lines_by(const struct simd *simd, const u8 *at, u64 size, u32 *ends);
struct scan scan_csv_by(const struct simd *simd, const u8 *at, u64 size, u8 delimiter, u32 *ends);
struct scan scan_json_by(const struct simd *simd, const u8 *at, u64 size, u32 *ends);
bool split_class_more_by(const struct simd *simd, struct split_class *it);

/* The portable level's validator, and the tail of the others'. */
bool utf8_valid_portable(const u8 *at, u64 size);
bool utf8_valid_avx2(const u8 *at, u64 size);

#endif
