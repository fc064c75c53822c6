/* UTF-8 validation: text is mostly ASCII, so blocks of it are passed at the speed of memory. */
#include "runtime/data/simd.h"
#include "runtime/data/strings.h"

#include <string.h>

/* The bytes of the character at `at`, 0 if it is not valid; size > 0. */
static u32 character_size(const u8 *at, u64 size) {
    u8 first = at[0];
    if (first < 0x80) return 1;
    u32 n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size < n) return 0;
    u8 low = 0x80,
       high = 0xbf; /* of the second byte: nothing overlong, no surrogates, <= U+10FFFF */
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    if (at[1] < low || at[1] > high) return 0;
    for (u32 i = 2; i < n; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    return n;
}

bool utf8_valid_portable(const u8 *at, u64 size) {
    for (u64 i = 0; i < size;) {
        u64 word;
        while (size - i >= 8 && (memcpy(&word, at + i, 8), !(word & 0x8080808080808080ull))) i += 8;
        if (i == size) return true;
        u32 n = character_size(at + i, size - i);
        if (!n) return false;
        i += n;
    }
    return true;
}

struct str str_of_bytes(const u8 *at, u64 size, struct scratch *to) {
    if (utf8_valid(at, size)) return (struct str){ (const char *)at, size };
    u8 *start = scratch_take(to, 3 * size), *end = start;
    for (u64 i = 0; i < size;) {
        u32 n = character_size(at + i, size - i);
        end = n ? mempcpy(end, at + i, n) : mempcpy(end, "\xef\xbf\xbd", 3);
        i += n ? n : 1;
    }
    scratch_give_back(to, end);
    return (struct str){ (const char *)start, (u64)(end - start) };
}

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/* After Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte": three tables,
   by the halves of the byte before and the high half of the byte, whose common bits name what is
   wrong. */
enum {
    TOO_SHORT = 1, /* a lead byte without its continuation */
    TOO_LONG = 2,  /* a continuation after ASCII */
    OVERLONG_3 = 4,
    TOO_LARGE = 8,
    SURROGATE = 16,
    OVERLONG_2 = 32,
    TOO_LARGE_1000 = 64, /* F5 and above; with a second byte of 8x also OVERLONG_4 */
    OVERLONG_4 = 64,
    TWO_CONTINUATIONS = 128, /* right or wrong by what stands two and three bytes before */
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS,
    LARGE = CARRY | TOO_LARGE | TOO_LARGE_1000,
    SECOND = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS,
};

static const u8 before_high[16] = { TOO_LONG,
                                    TOO_LONG,
                                    TOO_LONG,
                                    TOO_LONG,
                                    TOO_LONG,
                                    TOO_LONG,
                                    TOO_LONG,
                                    TOO_LONG,
                                    TWO_CONTINUATIONS,
                                    TWO_CONTINUATIONS,
                                    TWO_CONTINUATIONS,
                                    TWO_CONTINUATIONS,
                                    TOO_SHORT | OVERLONG_2,
                                    TOO_SHORT,
                                    TOO_SHORT | OVERLONG_3 | SURROGATE,
                                    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4 };
static const u8 before_low[16] = { CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
                                   CARRY | OVERLONG_2,
                                   CARRY,
                                   CARRY,
                                   CARRY | TOO_LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE,
                                   LARGE | SURROGATE,
                                   LARGE,
                                   LARGE };
static const u8 byte_high[16] = { TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  SECOND | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
                                  SECOND | OVERLONG_3 | TOO_LARGE,
                                  SECOND | SURROGATE | TOO_LARGE,
                                  SECOND | SURROGATE | TOO_LARGE,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT,
                                  TOO_SHORT };

AVX2 static inline __m256i look_up(const u8 *table, __m256i index) {
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table)),
                               index);
}

AVX2 static inline __m256i high_half(__m256i v) {
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));
}

/* Non-zero bytes where v, with the 32 bytes before it, is wrong. */
AVX2 static inline __m256i errors(__m256i v, __m256i before) {
    __m256i across = _mm256_permute2x128_si256(before, v, 0x21);
    __m256i one = _mm256_alignr_epi8(v, across, 15), two = _mm256_alignr_epi8(v, across, 14);
    __m256i three = _mm256_alignr_epi8(v, across, 13), half = _mm256_set1_epi8(15);
    __m256i wrong =
        _mm256_and_si256(_mm256_and_si256(look_up(before_high, high_half(one)),
                                          look_up(before_low, _mm256_and_si256(one, half))),
                         look_up(byte_high, high_half(v)));
    __m256i third = _mm256_subs_epu8(two, _mm256_set1_epi8((char)(0xe0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(three, _mm256_set1_epi8((char)(0xf0 - 0x80)));
    __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(must, wrong);
}

AVX2 bool utf8_valid_avx2(const u8 *at, u64 size) {
    __m256i before = _mm256_setzero_si256(), wrong = before;
    u64 i = 0;
    while (i < size) {
        /* Blocks of ASCII after one: nothing to check, nothing left open. */
        for (; size - i >= 128; i += 128) {
            __m256i a = _mm256_loadu_si256((const __m256i *)(at + i));
            __m256i b = _mm256_loadu_si256((const __m256i *)(at + i + 32));
            __m256i c = _mm256_loadu_si256((const __m256i *)(at + i + 64));
            __m256i d = _mm256_loadu_si256((const __m256i *)(at + i + 96));
            _mm_prefetch((const char *)at + i + 1024, _MM_HINT_T0);
            _mm_prefetch((const char *)at + i + 1088, _MM_HINT_T0);
            __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
            if (_mm256_movemask_epi8(_mm256_or_si256(any, before))) break;
        }
        u8 tail[32] = { 0 };
        for (u32 k = 0; k < 4 && i < size; k++, i += 32) {
            const u8 *from = at + i;
            if (size - i < 32) from = memcpy(tail, from, size - i);
            __m256i v = _mm256_loadu_si256((const __m256i *)from);
            wrong = _mm256_or_si256(wrong, errors(v, before));
            before = v;
        }
    }
    /* What is open at the end is wrong if ASCII follows. */
    wrong = _mm256_or_si256(wrong, errors(_mm256_setzero_si256(), before));
    return _mm256_testz_si256(wrong, wrong);
}
#endif
