#include "runtime/edge/gather.h"

#include "runtime/edge/chunk.h"

#define CHUNK_BYTES (32u << 10)

struct gathered {
    i64 stamp;
    u32 position, nth; /* nth keeps equals in the order in which they came */
    u32 edge, row_bytes;
    const struct batch *chunk;
    const u8 *row;
};

void gather_open(struct gather *g, struct budget *budget) {
    *g = (struct gather){ .budget = budget };
}

/* The last chunk is kept, unless it holds a row larger than usual. */
static void forget(struct gather *g, bool keep) {
    for (struct batch *before; g->chunk; g->chunk = before) {
        before = g->chunk->external;
        if (keep && !before && g->chunk->size <= CHUNK_BYTES) {
            batch_reset(g->chunk, 0);
            break;
        }
        chunk_free(g->budget, g->chunk);
    }
    g->count = 0;
    g->unsorted = false;
}

void gather_close(struct gather *g) {
    forget(g, false);
    free(g->rows);
}

static void add_chunk(struct gather *g, u64 row_bytes, u64 text_bytes) {
    u64 need = batch_size_for(0, row_bytes, text_bytes);
    struct batch *chunk =
        chunk_new(g->budget, need > CHUNK_BYTES ? need : CHUNK_BYTES, 0, &g->over_budget);
    chunk->external = g->chunk;
    g->chunk = chunk;
}

static struct gathered *add_row(struct gather *g) {
    if (g->count == g->room) {
        g->room = g->room ? 2 * g->room : 64;
        g->rows = realloc(g->rows, g->room * sizeof *g->rows);
        ENSURE(g->rows);
    }
    return &g->rows[g->count++];
}

static bool is_before(const struct gathered *a, const struct gathered *b) {
    if (a->stamp != b->stamp) return a->stamp < b->stamp;
    if (a->position != b->position) return a->position < b->position;
    return a->nth < b->nth;
}

static int by_place(const void *left, const void *right) {
    return is_before(left, right) ? -1 : is_before(right, left);
}

void gather_add(struct gather *g, const struct gather_shape *shape, const u8 *base, const u8 *row,
                u32 count) {
    for (u32 i = 0; i < count; i++, row += shape->row_bytes) {
        u64 text_bytes = batch_text_bytes(row, shape->texts, shape->text_count);
        if (g->over_budget) return;
        if (!g->chunk || !batch_room(g->chunk, shape->row_bytes, text_bytes))
            add_chunk(g, shape->row_bytes, text_bytes);
        struct gathered *to = add_row(g);
        *to = (struct gathered){
            .nth = g->count, .edge = shape->edge, .row_bytes = shape->row_bytes, .chunk = g->chunk
        };
        __builtin_memcpy(&to->stamp, row + shape->stamp_at, sizeof to->stamp);
        __builtin_memcpy(&to->position, row + shape->position_at, sizeof to->position);
        to->row =
            batch_copy_row(g->chunk, shape->row_bytes, shape->texts, shape->text_count, base, row);
        g->unsorted |= g->count > 1 && is_before(to, to - 1);
    }
}

void gather_take(struct gather *g,
                 void (*take)(void *arg, u32 edge, const u8 *base, const u8 *row, u32 count),
                 void *arg) {
    if (g->unsorted) qsort(g->rows, g->count, sizeof *g->rows, by_place);
    for (u32 i = 0, run; i < g->count; i += run) {
        const struct gathered *first = &g->rows[i];
        for (run = 1; i + run < g->count; run++)
            if (first[run].edge != first->edge || first[run].chunk != first->chunk ||
                first[run].row != first->row + (u64)run * first->row_bytes)
                break;
        take(arg, first->edge, (const u8 *)first->chunk, first->row, run);
    }
    forget(g, true);
}
