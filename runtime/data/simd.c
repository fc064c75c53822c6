#include "runtime/data/simd.h"

#include <string.h>

#include "runtime/data/swar.h"

/* ---- any machine: eight bytes at a time ---- */

/* The top bits of eight bytes as eight bits. */
static u64 top_bits(u64 v) {
    return (v >> 7 & SWAR_ONES) * 0x0102040810204080ull >> 56;
}

static void find_portable(const u8 *at, u32 blocks, u8 byte, u64 *masks) {
    for (u32 i = 0; i < blocks; i++) {
        u64 mask = 0;
        for (u32 k = 0; k < 8; k++)
            mask |= top_bits(swar_equal(swar_load(at + i * 64 + k * 8), byte)) << k * 8;
        masks[i] = mask;
    }
}

static void find_ends_portable(const u8 *at, u32 blocks, u8 end, u8 mark,
                               struct simd_group *group) {
    u64 control = 0, high = 0, any = 0;
    for (u32 i = 0; i < blocks * 8; i++) {
        u64 v = swar_load(at + i * 8);
        high |= v & SWAR_TOPS;
        control |= swar_control(v) & ~swar_equal(v, '\n');
    }
    find_portable(at, blocks, end, group->ends);
    find_portable(at, blocks, '\n', group->lines);
    find_portable(at, blocks, mark, group->marks);
    group->line_count = 0;
    for (u32 i = 0; i < blocks; i++) {
        group->ends[i] |= group->lines[i];
        group->line_count += (u32)__builtin_popcountll(group->lines[i]);
        any |= group->marks[i];
    }
    group->any_mark = any;
    group->flags = (control ? SCAN_CONTROL : 0) | (high ? SCAN_HIGH : 0);
}

static void in_class_portable(const u8 *at, u32 size, const struct byte_class *class, u64 *masks) {
    for (u32 i = 0; i < size; i += 64) {
        u64 mask = 0;
        for (u32 k = 0; k < 64 && i + k < size; k++)
            mask |= (u64)byte_class_has(class, at[i + k]) << k;
        masks[i / 64] = mask;
    }
}

/* Eight at once without a look: most blocks have fewer, and a branch that is foreseen costs
 * nothing. */
static u32 flatten_portable(const u64 *masks, u32 blocks, u32 base, u32 *out) {
    u32 *to = out;
    for (u32 i = 0; i < blocks; i++, base += 64) {
        u64 mask = masks[i];
        u32 *end = to + __builtin_popcountll(mask);
        while (mask) {
            for (u32 k = 0; k < 8; k++) {
                to[k] = base + (mask ? (u32)__builtin_ctzll(mask) : 0);
                mask &= mask - 1;
            }
            to += 8;
        }
        to = end;
    }
    return (u32)(to - out);
}

static u32 count_portable(const u64 *masks, u32 blocks) {
    u32 n = 0;
    for (u32 i = 0; i < blocks; i++) n += (u32)__builtin_popcountll(masks[i]);
    return n;
}

static const struct simd portable = { "portable",         find_portable,    find_ends_portable,
                                      in_class_portable,  flatten_portable, count_portable,
                                      utf8_valid_portable };

#ifdef __x86_64__
#include <immintrin.h>

/* ---- AVX2 ---- */

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline u64 equal_avx2(const u8 *at, __m256i byte) {
    __m256i low = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)at), byte);
    __m256i high = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(at + 32)), byte);
    return (u32)_mm256_movemask_epi8(low) | (u64)(u32)_mm256_movemask_epi8(high) << 32;
}

AVX2 static void find_avx2(const u8 *at, u32 blocks, u8 byte, u64 *masks) {
    __m256i v = _mm256_set1_epi8((char)byte);
    for (u32 i = 0; i < blocks; i++) masks[i] = equal_avx2(at + i * 64, v);
}

AVX2 static void find_ends_avx2(const u8 *at, u32 blocks, u8 end, u8 mark,
                                struct simd_group *group) {
    __m256i ends = _mm256_set1_epi8((char)end), marks = _mm256_set1_epi8((char)mark);
    __m256i newline = _mm256_set1_epi8('\n'), unit = _mm256_set1_epi8(0x1f);
    __m256i high = _mm256_setzero_si256(), control = high;
    u64 any = 0, count = 0;
    for (u32 i = 0; i < blocks; i++, at += 64) {
        u64 lines = equal_avx2(at, newline);
        group->lines[i] = lines;
        group->ends[i] = lines | equal_avx2(at, ends);
        any |= group->marks[i] = equal_avx2(at, marks);
        count += (u64)_mm_popcnt_u64(lines);
        for (u32 half = 0; half < 64; half += 32) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(at + half));
            __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(v, unit), v);
            high = _mm256_or_si256(high, v);
            control =
                _mm256_or_si256(control, _mm256_andnot_si256(_mm256_cmpeq_epi8(v, newline), low));
        }
    }
    group->line_count = (u32)count;
    group->any_mark = any;
    group->flags = (_mm256_testz_si256(control, control) ? 0 : SCAN_CONTROL) |
                   (_mm256_movemask_epi8(high) ? SCAN_HIGH : 0);
}

/* The class's table by the low half of the byte, the bit to look at by the high half; a byte beyond
   ASCII shuffles a 0 out of the first, so it is in no class by the table. */
AVX2 static inline u32 class_avx2(__m256i v, __m256i table, __m256i bits, __m256i high) {
    __m256i halves = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
    __m256i bit = _mm256_shuffle_epi8(bits, halves);
    __m256i in = _mm256_and_si256(_mm256_shuffle_epi8(table, v), bit);
    __m256i out = _mm256_cmpeq_epi8(in, _mm256_setzero_si256());
    return ~(u32)_mm256_movemask_epi8(out) | (u32)_mm256_movemask_epi8(_mm256_and_si256(v, high));
}

AVX2 static void in_class_avx2(const u8 *at, u32 size, const struct byte_class *class, u64 *masks) {
    __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)class->low));
    __m256i bits = _mm256_set1_epi64x((i64)0x8040201008040201ull);
    __m256i high = _mm256_set1_epi8(class->high ? (char)0x80 : 0);
    for (u32 i = 0; i < size; i += 64) {
        u8 tail[64];
        const u8 *from = at + i;
        u32 left = size - i;
        if (left < 64) from = memcpy(tail, from, left);
        __m256i v = _mm256_loadu_si256((const __m256i *)from);
        __m256i w = _mm256_loadu_si256((const __m256i *)(from + 32));
        u64 mask = class_avx2(v, table, bits, high) | (u64)class_avx2(w, table, bits, high) << 32;
        masks[i / 64] = left < 64 ? mask & ((1ull << left) - 1) : mask;
    }
}

AVX2 static u32 flatten_avx2(const u64 *masks, u32 blocks, u32 base, u32 *out) {
    u32 *to = out;
    for (u32 i = 0; i < blocks; i++, base += 64) {
        u64 mask = masks[i];
        u32 *end = to + _mm_popcnt_u64(mask);
        while (mask) {
            for (u32 k = 0; k < 8; k++) {
                to[k] = base + (u32)_tzcnt_u64(mask);
                mask = _blsr_u64(mask);
            }
            to += 8;
        }
        to = end;
    }
    return (u32)(to - out);
}

AVX2 static u32 count_avx2(const u64 *masks, u32 blocks) {
    u32 n = 0;
    for (u32 i = 0; i < blocks; i++) n += (u32)_mm_popcnt_u64(masks[i]);
    return n;
}

static const struct simd avx2 = { "avx2",       find_avx2,  find_ends_avx2, in_class_avx2,
                                  flatten_avx2, count_avx2, utf8_valid_avx2 };

/* ---- AVX-512 with byte compression ---- */

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

AVX512 static void find_avx512(const u8 *at, u32 blocks, u8 byte, u64 *masks) {
    __m512i v = _mm512_set1_epi8((char)byte);
    for (u32 i = 0; i < blocks; i++) {
        _mm_prefetch((const char *)at + i * 64 + 1024, _MM_HINT_T0);
        masks[i] = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at + i * 64), v);
    }
}

AVX512 static void find_ends_avx512(const u8 *at, u32 blocks, u8 end, u8 mark,
                                    struct simd_group *group) {
    __m512i ends = _mm512_set1_epi8((char)end), marks = _mm512_set1_epi8((char)mark);
    __m512i newline = _mm512_set1_epi8('\n'), blank = _mm512_set1_epi8(0x20);
    __m512i high = _mm512_setzero_si512();
    u64 control = 0, any = 0, count = 0;
    for (u32 i = 0; i < blocks; i++) {
        _mm_prefetch((const char *)at + i * 64 + 1024, _MM_HINT_T0);
        __m512i v = _mm512_loadu_si512(at + i * 64);
        u64 lines = _mm512_cmpeq_epi8_mask(v, newline);
        group->lines[i] = lines;
        group->ends[i] = lines | _mm512_cmpeq_epi8_mask(v, ends);
        any |= group->marks[i] = _mm512_cmpeq_epi8_mask(v, marks);
        count += (u64)_mm_popcnt_u64(lines);
        control |= _mm512_cmplt_epu8_mask(v, blank) ^ lines;
        high = _mm512_or_si512(high, v);
    }
    group->line_count = (u32)count;
    group->any_mark = any;
    group->flags = (control ? SCAN_CONTROL : 0) | (_mm512_movepi8_mask(high) ? SCAN_HIGH : 0);
}

AVX512 static void in_class_avx512(const u8 *at, u32 size, const struct byte_class *class,
                                   u64 *masks) {
    __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)class->low));
    __m512i bits = _mm512_set1_epi64((i64)0x8040201008040201ull);
    u64 high = class->high ? ~0ull : 0;
    for (u32 i = 0; i < size; i += 64) {
        u64 there = size - i < 64 ? (1ull << (size - i)) - 1 : ~0ull;
        __m512i v = _mm512_maskz_loadu_epi8(there, at + i);
        __m512i halves = _mm512_and_si512(_mm512_srli_epi16(v, 4), _mm512_set1_epi8(15));
        __m512i bit = _mm512_shuffle_epi8(bits, halves);
        u64 in = _mm512_test_epi8_mask(_mm512_shuffle_epi8(table, v), bit);
        masks[i / 64] = (in | (_mm512_movepi8_mask(v) & high)) & there;
    }
}

AVX512 static u32 flatten_avx512(const u64 *masks, u32 blocks, u32 base, u32 *out) {
    static const u8 places[64] __attribute__((aligned(64))) = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63
    };
    __m512i all = _mm512_load_si512(places);
    u32 *to = out;
    for (u32 i = 0; i < blocks; i++, base += 64) {
        __m512i v = _mm512_maskz_compress_epi8(masks[i], all), from = _mm512_set1_epi32((i32)base);
        u32 count = (u32)_mm_popcnt_u64(masks[i]);
        __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(v));
        _mm512_storeu_si512(to, _mm512_add_epi32(wide, from));
        if (UNLIKELY(count > 16)) {
            wide = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(v, 1));
            _mm512_storeu_si512(to + 16, _mm512_add_epi32(wide, from));
            wide = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(v, 2));
            _mm512_storeu_si512(to + 32, _mm512_add_epi32(wide, from));
            wide = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(v, 3));
            _mm512_storeu_si512(to + 48, _mm512_add_epi32(wide, from));
        }
        to += count;
    }
    return (u32)(to - out);
}

static const struct simd avx512 = { "avx512",       find_avx512, find_ends_avx512, in_class_avx512,
                                    flatten_avx512, count_avx2,  utf8_valid_avx2 };

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}
static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}
#endif

const struct simd *simd_at(enum simd_level level) {
    switch (level) {
#ifdef __x86_64__
    case SIMD_AVX2:
        return has_avx2() ? &avx2 : NULL;
    case SIMD_AVX512:
        return has_avx2() && has_avx512() ? &avx512 : NULL;
#else
    case SIMD_AVX2:
    case SIMD_AVX512:
        return NULL;
#endif
    case SIMD_PORTABLE:
    case SIMD_LEVELS:
        break;
    }
    return &portable;
}

const struct simd *simd_best(void) {
#ifdef __x86_64__
    if (LIKELY(has_avx512())) return &avx512;
    if (has_avx2()) return &avx2;
#endif
    return &portable;
}
