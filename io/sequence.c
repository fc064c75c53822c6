/* The seeded generator: rows n = 0, 1, 2, ... with a random number that depends on seed and n only,
   so any morsel can be made by any task. The rows themselves are made by generated code
   (runtime/data has the function); here only the range of the next morsel is found. */
#include "io/connector.h"

#include "runtime/base/error.h"

#include <errno.h>
#include <stdlib.h>

struct sequence {
    u64 next, total, morsel_rows;
};

static const struct option_def sequence_options[] = {
    { "total", OPTION_COUNT, USE_SOURCE, .required = true, .doc = "how many rows" },
    { "seed", OPTION_COUNT, USE_SOURCE, .constant = true, .fallback = "1",
      .doc = "of column `random`" },
    { NULL },
};

static void *sequence_open(struct env *env, const struct source_spec *spec) {
    u64 total;
    if (option_count(sequence_options, spec->options, spec->option_count, "total", &total))
        return NULL;
    struct sequence *s = calloc(1, sizeof *s);
    if (!s) {
        error_set(ENOMEM, "open a sequence");
        return NULL;
    }
    s->total = total;
    s->morsel_rows = spec->morsel_bytes < 64 ? 1 : spec->morsel_bytes / 64;
    return s;
}

static enum source_answer sequence_extent(void *self, struct extent *out) {
    struct sequence *s = self;
    u64 left = s->total - s->next, rows = left < s->morsel_rows ? left : s->morsel_rows;
    *out = (struct extent){ .offset = s->next, .rows = rows, .utf8_checked = true };
    s->next += rows;
    return s->next == s->total ? SOURCE_LAST : SOURCE_EXTENT;
}

static u64 sequence_total_bytes(void *self) {
    return 0;
}
static const char *sequence_describe(void *self) {
    return "sequence";
}

static void sequence_save(void *self, struct pack *to) {
    pack_u64(to, ((struct sequence *)self)->next);
}

static int sequence_seek(void *self, struct unpack *from) {
    struct sequence *s = self;
    u64 next = unpack_u64(from);
    if (from->bad) return error_set(0, "what is saved of the sequence is cut off");
    if (next > s->total)
        return error_set(0,
                         "the sequence has %lu rows, and %lu had been made when the snapshot was "
                         "taken",
                         s->total, next);
    s->next = next;
    return 0;
}

static void sequence_show(struct unpack *saved, struct text_buf *to) {
    text_buf_printf(to, "row %lu", unpack_u64(saved));
}

static void sequence_close(void *self) {
    free(self);
}

static const struct source_ops sequence_source = {
    .name = "sequence",
    .open = sequence_open,
    .extent = sequence_extent,
    .total_bytes = sequence_total_bytes,
    .describe = sequence_describe,
    .save = sequence_save,
    .seek = sequence_seek,
    .show = sequence_show,
    .close = sequence_close,
};

static const struct column sequence_columns[] = {
    { "n", { TYPE_I64, false, NULL } },
    { "random", { TYPE_U64, false, NULL } },
};

const struct connector sequence_connector = {
    .name = "sequence",
    .doc = "rows n = 0, 1, 2, ... with a seeded random number each",
    .options = sequence_options,
    .source = &sequence_source,
    .columns = sequence_columns,
    .column_count = 2,
};
