/* How fast runtime/data is: the loops that generated decoders are made of, over NEXMark bids and a
   Zipf text as limit/csv.c, json.c and wc.c have them, and single values. data_bench [MiB]
   [repetitions] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "runtime/base/ensure.h"
#include "runtime/base/prng.h"
#include "runtime/data/csv.h"
#include "runtime/data/encode.h"
#include "runtime/data/json.h"
#include "runtime/data/number.h"
#include "runtime/data/scan.h"
#include "runtime/data/scratch.h"
#include "runtime/data/split.h"
#include "runtime/data/strings.h"
#include "runtime/data/timefn.h"

struct text {
    u8 *at;
    u64 size, records;
};

struct bid {
    u64 auction, bidder, price, time;
    struct str channel, url, extra;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- inputs ---- */

static u8 *room(u64 size) {
    u64 whole = (size + 4096 + (2u << 20)) & ~((2ull << 20) - 1);
    u8 *at = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ENSURE(at != MAP_FAILED);
    madvise(at, whole, MADV_HUGEPAGE);
    memset(at, 0, whole);
    return at + 64;
}

static void letters(struct prng *prng, char *to, u64 n) {
    for (u64 i = 0; i < n; i++) to[i] = (char)('a' + prng_below(prng, 26));
    to[n] = 0;
}

static struct text make_bids(u64 size, bool json) {
    static const char *const channels[] = { "Apple",        "Google",       "Facebook",
                                            "Baidu",        "channel-1187", "channel-42",
                                            "channel-9001", "channel-777" };
    struct text text = { .at = room(size) };
    struct prng prng;
    prng_init(&prng, 5);
    while (text.size + 512 < size) {
        char a[16], b[16], extra[64];
        letters(&prng, a, 3 + prng_below(&prng, 5));
        letters(&prng, b, 3 + prng_below(&prng, 5));
        letters(&prng, extra, 8 + prng_below(&prng, 25));
        unsigned auction = 1000 + (unsigned)prng_below(&prng, 100000);
        unsigned bidder = 1000 + (unsigned)prng_below(&prng, 50000);
        unsigned price = 1 + (unsigned)prng_below(&prng, 99999999);
        unsigned long long time = 1436918400000ull + text.records / 1000;
        text.size += (u64)sprintf(
            (char *)text.at + text.size,
            json
                ? "{\"auction\":%u,\"bidder\":%u,\"price\":%u,\"channel\":\"%s\",\"url\":\"https://"
                  "www.nexmark.com/%s/%s/item.htm?query=1\",\"dateTime\":%llu,\"extra\":\"%s\"}\n"
                : "%u,%u,%u,%s,https://www.nexmark.com/%s/%s/item.htm?query=1,%llu,%s\n",
            auction, bidder, price, channels[prng_below(&prng, 8)], a, b, time, extra);
        text.records++;
    }
    return text;
}

#define WORDS 50000u
static struct text make_words(u64 size) {
    char(*words)[16] = malloc(sizeof *words * WORDS);
    double *sums = malloc(sizeof *sums * WORDS), sum = 0;
    struct text text = { .at = room(size) };
    struct prng prng;
    prng_init(&prng, 3);
    for (u32 i = 0; i < WORDS; i++) {
        letters(&prng, words[i], 2 + prng_below(&prng, i < 100 ? 4 : 11));
        sums[i] = sum += 1.0 / (i + 1);
    }
    while (text.size + 32 < size) {
        double at = sum * (double)(prng_next(&prng) >> 11) * 0x1p-53;
        u32 low = 0, high = WORDS - 1;
        while (low < high) {
            u32 middle = (low + high) / 2;
            if (sums[middle] < at)
                low = middle + 1;
            else
                high = middle;
        }
        u64 n = strlen(words[low]);
        memcpy(text.at + text.size, words[low], n);
        text.size += n;
        text.at[text.size++] = prng_below(&prng, 12) ? ' ' : '\n';
        text.records++;
    }
    text.at[text.size - 1] = '\n';
    free(words);
    free(sums);
    return text;
}

/* ---- loops over a text: each answers something that depends on all it did ---- */

static u64 scan_only(const struct text *text, bool json) {
    u32 ends[SCAN_ENDS];
    u64 sum = 0;
    for (u64 at = 0; at < text->size; at += SCAN_PIECE) {
        u64 size = text->size - at < SCAN_PIECE ? text->size - at : SCAN_PIECE;
        struct scan scan =
            json ? scan_json(text->at + at, size, ends) : scan_csv(text->at + at, size, ',', ends);
        sum += scan.count;
    }
    return sum;
}
static u64 scan_csv_only(const struct text *text) {
    return scan_only(text, false);
}
static u64 scan_json_only(const struct text *text) {
    return scan_only(text, true);
}
static u64 utf8_only(const struct text *text) {
    return utf8_valid(text->at, text->size);
}

static struct str between(const u8 *at, u32 start, u32 end) {
    return (struct str){ (const char *)at + start, end - start };
}

static u64 use(const struct bid *b) {
    return b->auction * 3 + b->bidder * 5 + b->price * 7 + b->time * 11 + b->channel.size * 13 +
           b->url.size * 17 + b->extra.size * 19;
}

static u64 decode_csv(const struct text *text) {
    u32 ends[SCAN_ENDS];
    struct bid rows[64];
    u64 sum = 0, row = 0;
    for (u64 done = 0; done < text->size;) {
        const u8 *at = text->at + done;
        u64 size = text->size - done < SCAN_PIECE ? text->size - done : SCAN_PIECE;
        struct scan scan = scan_csv(at, size, ',', ends);
        ENSURE(scan_is_regular(at, ends, scan, 7) && !(scan.flags & (SCAN_QUOTE | SCAN_HIGH)));
        u32 start = 0;
        for (u32 i = 0; i < scan.lines; i++) {
            const u32 *e = ends + i * 7;
            struct bid *b = &rows[row++ % 64];
            u64 bad = 0;
            b->auction = digits_padded(at + e[0], e[0] - start, &bad);
            b->bidder = digits_padded(at + e[1], e[1] - e[0] - 1, &bad);
            b->price = digits_padded(at + e[2], e[2] - e[1] - 1, &bad);
            b->channel = between(at, e[2] + 1, e[3]);
            b->url = between(at, e[3] + 1, e[4]);
            b->time = digits_padded(at + e[5], e[5] - e[4] - 1, &bad);
            b->extra = between(at, e[5] + 1, (u32)(csv_last_end(at + e[6]) - at));
            ENSURE(!bad);
            sum += use(b);
            start = e[6] + 1;
        }
        done += start;
    }
    return sum;
}

static u64 bid_glue(const u8 *at, u32 start, const u32 *q) {
    return json_glue(at + start, "{\"auction\":", 11) |
           json_glue(at + q[2] - 1, ",\"bidder\":", 10) |
           json_glue(at + q[4] - 1, ",\"price\":", 9) |
           json_glue(at + q[6] - 1, ",\"channel\":\"", 12) |
           json_glue(at + q[9], "\",\"url\":\"", 9) |
           json_glue(at + q[13], "\",\"dateTime\":", 13) |
           json_glue(at + q[16] - 1, ",\"extra\":\"", 10) | json_glue(at + q[19], "\"}\n", 3);
}

static u64 decode_json(const struct text *text) {
    u32 ends[SCAN_ENDS];
    struct bid rows[64];
    u64 sum = 0, row = 0;
    for (u64 done = 0; done < text->size;) {
        const u8 *at = text->at + done;
        u64 size = text->size - done < SCAN_PIECE ? text->size - done : SCAN_PIECE;
        struct scan scan = scan_json(at, size, ends);
        ENSURE(!scan.flags);
        u32 start = 0;
        for (u32 i = 0; i < scan.lines; i++) {
            const u32 *q = ends + i * 21;
            struct bid *b = &rows[row++ % 64];
            u64 bad = bid_glue(at, start, q);
            b->auction = digits_padded(at + q[2] - 1, q[2] - q[1] - 3, &bad);
            b->bidder = digits_padded(at + q[4] - 1, q[4] - q[3] - 3, &bad);
            b->price = digits_padded(at + q[6] - 1, q[6] - q[5] - 3, &bad);
            b->channel = between(at, q[8] + 1, q[9]);
            b->url = between(at, q[12] + 1, q[13]);
            b->time = digits_padded(at + q[16] - 1, q[16] - q[15] - 3, &bad);
            b->extra = between(at, q[18] + 1, q[19]);
            ENSURE(!bad);
            sum += use(b);
            start = q[20] + 1;
        }
        done += start;
    }
    return sum;
}

static u64 walk_json(const struct text *text) {
    u32 ends[SCAN_ENDS];
    struct scratch scratch;
    u64 sum = 0;
    scratch_init(&scratch);
    for (u64 done = 0; done < text->size;) {
        const u8 *at = text->at + done;
        u64 size = text->size - done < SCAN_PIECE ? text->size - done : SCAN_PIECE;
        struct scan scan = scan_lines(at, size, ends);
        u32 start = 0;
        for (u32 i = 0; i < scan.lines; start = ends[i++] + 1) {
            struct json_walk w;
            struct json_value value;
            struct str key;
            scratch_reset(&scratch);
            json_walk_begin(&w, at + start, ends[i] - start, &scratch);
            while (json_walk_next(&w, &key, &value) == JSON_MEMBER)
                sum += key.size + value.text.size;
        }
        done += start;
    }
    scratch_fini(&scratch);
    return sum;
}

/* lower(line), then its words. */
static u64 split_words(const struct text *text, const char *pattern, bool lower) {
    struct byte_class class;
    struct scratch scratch;
    u32 ends[SCAN_ENDS];
    u64 sum = 0;
    ENSURE(byte_class_from_pattern(pattern, strlen(pattern), &class));
    scratch_init(&scratch);
    for (u64 done = 0; done < text->size;) {
        const u8 *at = text->at + done;
        u64 size = text->size - done < SCAN_PIECE ? text->size - done : SCAN_PIECE;
        struct scan scan = scan_lines(at, size, ends);
        u32 start = 0;
        for (u32 i = 0; i < scan.lines; start = ends[i++] + 1) {
            struct split_class split;
            struct str line = between(at, start, ends[i]);
            scratch_reset(&scratch);
            if (lower) line = str_lower(line, &scratch);
            split_class_begin(&split, line, &class);
            for (struct str word; split_class_next(&split, &word);)
                sum += word.size + (u8)word.at[0];
        }
        done += start;
    }
    scratch_fini(&scratch);
    return sum;
}
static u64 split_blanks(const struct text *text) {
    return split_words(text, "[\\x00-\\x20]+", false);
}
static u64 split_lower(const struct text *text) {
    return split_words(text, "\\W+", true);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

#define REPETITIONS_MAX 15
static void measure(const char *name, const struct text *text, u64 (*loop)(const struct text *),
                    u32 repetitions) {
    double seconds[REPETITIONS_MAX];
    volatile u64 sink = loop(text);
    for (u32 i = 0; i < repetitions; i++) {
        double start = now();
        sink = sink + loop(text);
        seconds[i] = now() - start;
    }
    qsort(seconds, repetitions, sizeof *seconds, compare);
    double s = seconds[repetitions / 2], records = (double)text->records;
    printf("%-28s %7.2f GB/s %8.1f M/s %7.2f ns\n", name, (double)text->size / s / 1e9,
           records / s / 1e6, s / records * 1e9);
}

/* ---- single values ---- */

#define VALUES 4096u
struct values {
    char text[VALUES][40];
    u32 size[VALUES];
    double floats[VALUES];
    i64 times[VALUES];
};

static void report(const char *name, double start, u64 n) {
    printf("%-28s %35.2f ns\n", name, (now() - start) / (double)n * 1e9);
}

static void measure_values(u32 rounds) {
    struct values *v = malloc(sizeof *v);
    struct prng prng;
    u64 sum = 0, n = (u64)rounds * VALUES;
    double start, value;
    i64 ns;
    char to[FORMAT_ROOM];
    prng_init(&prng, 9);
    for (u32 i = 0; i < VALUES; i++) {
        v->floats[i] = (double)prng_below(&prng, 10000000) / 1000;
        v->times[i] = 1436918400000000000ll + (i64)prng_below(&prng, 1000000000) * NS_PER_MS;
    }
    start = now();
    for (u64 i = 0; i < n; i++) sum += format_f64(to, v->floats[i % VALUES]);
    report("format_f64, three decimals", start, n);
    for (u32 i = 0; i < VALUES; i++) v->size[i] = (u32)format_f64(v->text[i], v->floats[i]);
    start = now();
    for (u64 i = 0; i < n; i++) sum += parse_f64(v->text[i % VALUES], v->size[i % VALUES], &value);
    report("parse_f64, three decimals", start, n);
    for (u32 i = 0; i < VALUES; i++) {
        v->floats[i] = (double)(prng_next(&prng) >> 11) * 0x1p-53;
        v->size[i] = (u32)format_f64(v->text[i], v->floats[i]);
    }
    start = now();
    for (u64 i = 0; i < n; i++) sum += format_f64(to, v->floats[i % VALUES]);
    report("format_f64, 17 digits", start, n);
    start = now();
    for (u64 i = 0; i < n; i++) sum += parse_f64(v->text[i % VALUES], v->size[i % VALUES], &value);
    report("parse_f64, 17 digits", start, n);
    start = now();
    for (u64 i = 0; i < n; i++) sum += format_timestamp(to, v->times[i % VALUES]);
    report("format_timestamp", start, n);
    for (u32 i = 0; i < VALUES; i++) v->size[i] = (u32)format_timestamp(v->text[i], v->times[i]);
    start = now();
    for (u64 i = 0; i < n; i++)
        sum += parse_timestamp(v->text[i % VALUES], v->size[i % VALUES], &ns);
    report("parse_timestamp", start, n);
    start = now();
    for (u64 i = 0; i < n; i++) sum += format_i64(to, v->times[i % VALUES] >> (i & 32));
    report("format_i64", start, n);
    ENSURE(sum);
    free(v);
}

int main(int argc, char **argv) {
    u64 size = (argc > 1 ? strtoull(argv[1], NULL, 10) : 256) << 20;
    u32 repetitions = argc > 2 ? (u32)atoi(argv[2]) : 5;
    ENSURE(size && repetitions && repetitions <= REPETITIONS_MAX);
    struct text csv = make_bids(size, false), json = make_bids(size, true),
                words = make_words(size);
    measure("utf8_valid", &csv, utf8_only, repetitions);
    measure("scan_csv", &csv, scan_csv_only, repetitions);
    measure("csv bid, 7 fields", &csv, decode_csv, repetitions);
    measure("scan_json", &json, scan_json_only, repetitions);
    measure("json bid, by places", &json, decode_json, repetitions);
    measure("json bid, walked", &json, walk_json, repetitions);
    measure("words by [\\x00-\\x20]+", &words, split_blanks, repetitions);
    measure("words by \\W+ of lower(line)", &words, split_lower, repetitions);
    measure_values(repetitions * 256);
    return 0;
}
