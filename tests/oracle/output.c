#include "tests/oracle/output.h"

#include "runtime/base/ensure.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const alike_words[ALIKES] = { "bytes", "lines", "apart" };

void output_init(struct output *o) {
    for (u32 i = 0; i < CASE_PARAMS; i++) text_buf_init(&o->files[i]);
    text_buf_init(&o->counts);
}

void output_fini(struct output *o) {
    for (u32 i = 0; i < CASE_PARAMS; i++) text_buf_fini(&o->files[i]);
    text_buf_fini(&o->counts);
}

static int read_file(const char *path, struct text_buf *to) {
    char block[1 << 14];
    text_buf_clear(to);
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(errno, "open %s", path);
    for (size_t n; (n = fread(block, 1, sizeof block, file));) text_buf_put(to, block, n);
    fclose(file);
    return 0;
}

int output_read(struct output *o, const struct case_job *c, const struct engine_stats *stats) {
    for (u32 i = 0; i < c->job->param_count; i++)
        if (case_job_writes(c, i) && read_file(c->paths[i], &o->files[i])) return -1;
    text_buf_clear(&o->counts);
    text_buf_printf(&o->counts, "%lu rows in, %lu rows out, %lu late, %lu malformed\n",
                    stats->rows_in, stats->rows_out, stats->late, stats->malformed);
    return 0;
}

int output_keep(const struct case_job *c) {
    for (u32 i = 0; i < c->job->param_count; i++) {
        char kept[CASE_PATH];
        if (!case_job_writes(c, i)) continue;
        snprintf(kept, sizeof kept, "%.*s", (int)(strlen(c->paths[i]) - strlen("_out")),
                 c->paths[i]);
        if (rename(c->paths[i], kept)) return error_set(errno, "keep %s", c->paths[i]);
    }
    return 0;
}

/* ---- comparing ---- */

static struct str line_at(const struct text_buf *text, size_t at) {
    const char *end = memchr(text->at + at, '\n', text->size - at);
    size_t size = end ? (size_t)(end - text->at) - at : text->size - at;
    return (struct str){ text->at + at, size };
}

static int compare_bytes(const char *name, const struct text_buf *want,
                         const struct text_buf *got) {
    if (want->size == got->size && !memcmp(want->at, got->at, got->size)) return 0;
    u64 number = 1;
    size_t same = 0, start = 0;
    for (; same < want->size && same < got->size && want->at[same] == got->at[same]; same++)
        if (want->at[same] == '\n') start = same + 1, number++;
    struct str expected = line_at(want, start), found = line_at(got, start);
    return error_set(0, "%s has %zu bytes, not %zu; line %lu is\n    %.*s\nand not\n    %.*s", name,
                     got->size, want->size, number, (int)found.size, found.at, (int)expected.size,
                     expected.at);
}

static int by_text(const void *a, const void *b) {
    const struct str *left = a, *right = b;
    int order = memcmp(left->at, right->at, left->size < right->size ? left->size : right->size);
    return order ? order : (left->size > right->size) - (left->size < right->size);
}

/* The same lines, sorted. */
static void sort_lines(const struct text_buf *text, struct text_buf *sorted) {
    size_t count = 0;
    struct str *lines = malloc((text->size + 1) * sizeof *lines);
    ENSURE(lines);
    for (size_t at = 0; at < text->size; at += lines[count++].size + 1)
        lines[count] = line_at(text, at);
    qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++) {
        text_buf_put(sorted, lines[i].at, lines[i].size);
        text_buf_put(sorted, "\n", 1);
    }
    free(lines);
}

static int compare_lines(const char *name, const struct text_buf *want,
                         const struct text_buf *got) {
    struct text_buf left, right;
    text_buf_init(&left);
    text_buf_init(&right);
    sort_lines(want, &left);
    sort_lines(got, &right);
    int differ = compare_bytes(name, &left, &right);
    text_buf_fini(&left);
    text_buf_fini(&right);
    return differ ? error_add("in order of the lines") : 0;
}

int output_compare(const struct case_job *c, const struct output *want, const struct output *got,
                   enum alike alike) {
    if (alike == ALIKE_APART) return 0;
    for (u32 i = 0; i < c->job->param_count; i++) {
        const struct text_buf *left = &want->files[i], *right = &got->files[i];
        const char *name = c->job->params[i].name;
        if (alike == ALIKE_BYTES ? compare_bytes(name, left, right)
                                 : compare_lines(name, left, right))
            return -1;
    }
    return compare_bytes("what was counted", &want->counts, &got->counts);
}

/* ---- spoiling ---- */

void output_spoil_byte(struct output *o) {
    for (u32 i = 0; i < CASE_PARAMS; i++) {
        if (!o->files[i].size) continue;
        o->files[i].at[o->files[i].size / 2] ^= 1;
        return;
    }
}

void output_spoil_order(struct output *o) {
    for (u32 i = 0; i < CASE_PARAMS; i++) {
        struct text_buf *text = &o->files[i];
        if (!text->size) continue;
        struct str one = line_at(text, 0);
        if (one.size + 1 >= text->size) continue;
        struct str two = line_at(text, one.size + 1);
        struct text_buf swapped;
        text_buf_init(&swapped);
        text_buf_printf(&swapped, "%.*s\n%.*s\n", (int)two.size, two.at, (int)one.size, one.at);
        memcpy(text->at, swapped.at, swapped.size);
        text_buf_fini(&swapped);
        return;
    }
}

void output_spoil_line(struct output *o) {
    for (u32 i = 0; i < CASE_PARAMS; i++) {
        struct text_buf *text = &o->files[i];
        if (!text->size) continue;
        do text->at[--text->size] = 0;
        while (text->size && text->at[text->size - 1] != '\n');
        return;
    }
}
