/* The words every file uses: fixed-width names and branch hints. Includes nothing but the
   freestanding headers, so that generated C, which includes it through job.h, stays quick to
   compile. */
#ifndef RUNTIME_BASE_BASE_H
#define RUNTIME_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t i8;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

/* The same value, in a register of its own: gcc likes to keep two in halves of a vector, and then
   takes one out for each row. */
ALWAYS_INLINE u64 in_register(u64 x) {
    __asm__("" : "+r"(x));
    return x;
}

/* Event times are nanoseconds since 1970. A watermark that nothing has raised yet is NEVER; one
   that nothing can hold back any more (all inputs finished) is FOREVER. */
#define TIME_NEVER INT64_MIN
#define TIME_FOREVER INT64_MAX

/* A string value in registers. The bytes are valid UTF-8 and belong to whoever made them: the input
   extent, the row's scratch, a batch's heap, or a shard. at may be null only if size is 0. */
struct str {
    const char *at;
    u64 size;
};

#endif
