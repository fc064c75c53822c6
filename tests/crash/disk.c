#include "tests/crash/disk.h"

#include "runtime/base/ensure.h"
#include "runtime/base/prng.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096u
#define SECTOR 512u

/* How much of what is uncertain is there: nothing, everything, or by the coin for each. */
enum luck { LUCK_NONE, LUCK_ALL, LUCK_MIXED };

struct state {
    const struct recorder *r;
    u32 ops; /* before the cut */
    struct prng prng;
    u32 *known; /* by folder: operations on names before this one are there */
    struct tree tree;
};

static enum luck luck_of(struct prng *prng) {
    return (enum luck)prng_below(prng, 3);
}

/* A number in [from, to]. */
static u32 some_of(struct prng *prng, u32 from, u32 to) {
    switch (luck_of(prng)) {
    case LUCK_NONE:
        return from;
    case LUCK_ALL:
        return to;
    case LUCK_MIXED:
        return from + (u32)prng_below(prng, to - from + 1);
    }
    __builtin_unreachable();
}

/* ---- names ---- */

static bool is_of_names(const struct op *op) {
    return op->kind == OP_MAKE || op->kind == OP_MOVE || op->kind == OP_REMOVE;
}

/* A move that is there in one folder is there in the other. */
static void close_moves(struct state *s) {
    for (bool again = true; again;) {
        again = false;
        for (u32 i = 0; i < s->ops; i++) {
            const struct op *op = &s->r->ops[i];
            if (op->kind != OP_MOVE) continue;
            u32 *one = &s->known[op->folder], *other = &s->known[op->folder2];
            if ((*one > i) == (*other > i)) continue;
            *(*one > i ? other : one) = i + 1;
            again = true;
        }
    }
}

static void choose_names(struct state *s) {
    bool journal = prng_chance(&s->prng, 1, 2);
    u32 nodes = s->r->node_count, all = 0;
    for (u32 i = 0; i < s->ops; i++) {
        const struct op *op = &s->r->ops[i];
        if (op->kind != OP_SYNC) continue;
        s->known[op->node] = i;
        all = i;
    }
    u32 one = some_of(&s->prng, all, s->ops);
    for (u32 node = 0; node < nodes; node++)
        s->known[node] = journal ? one : some_of(&s->prng, s->known[node], s->ops);
    close_moves(s);
    for (u32 i = 0; i < s->ops; i++) {
        const struct op *op = &s->r->ops[i];
        if (!is_of_names(op) || i >= s->known[op->folder]) continue;
        if (op->kind == OP_MAKE) {
            tree_put(&s->tree, op->folder, op->name, op->node);
        } else if (op->kind == OP_REMOVE) {
            tree_remove(&s->tree, op->folder, op->name);
        } else {
            u32 node = tree_find(&s->tree, op->folder, op->name);
            tree_remove(&s->tree, op->folder, op->name);
            if (node != TREE_NONE) tree_put(&s->tree, op->folder2, op->name2, node);
        }
    }
}

/* ---- bytes ---- */

struct content {
    u8 *bytes;
    u64 size, room;
};

/* Up to `size` bytes are there, zeros behind what was. */
static void content_room(struct content *c, u64 size) {
    if (size <= c->room) return;
    c->bytes = realloc(c->bytes, size);
    ENSURE(c->bytes);
    memset(c->bytes + c->room, 0, size - c->room);
    c->room = size;
}

static void content_resize(struct content *c, u64 size) {
    content_room(c, size);
    if (size < c->size) memset(c->bytes + size, 0, c->size - size);
    c->size = size;
}

/* Those of its pages that luck lets through; `whole`: all. */
static void content_write(struct state *s, struct content *c, const struct op *op, bool whole,
                          enum luck luck) {
    content_room(c, op->offset + op->size);
    for (u64 done = 0; done < op->size;) {
        u64 at = op->offset + done, part = PAGE - at % PAGE;
        if (part > op->size - done) part = op->size - done;
        u64 sectors = whole || luck == LUCK_ALL ? UINT64_MAX : 0;
        if (!sectors && luck == LUCK_MIXED)
            sectors = prng_below(&s->prng, 3) ? 0 - prng_below(&s->prng, 2) : prng_next(&s->prng);
        for (u64 i = 0; i < part;) {
            u64 step = SECTOR - (at + i) % SECTOR;
            if (step > part - i) step = part - i;
            if (sectors >> (at + i) / SECTOR % (PAGE / SECTOR) & 1)
                memcpy(c->bytes + at + i, op->bytes + done + i, step);
            i += step;
        }
        done += part;
    }
}

/* The last sync of a file, and the operation up to which its size is there. */
static u32 sync_of(const struct state *s, u32 node) {
    u32 last = 0;
    for (u32 i = 0; i < s->ops; i++)
        if (s->r->ops[i].kind == OP_SYNC && s->r->ops[i].node == node) last = i;
    return last;
}

static struct content content_of(struct state *s, u32 node) {
    struct content c = { 0 };
    u32 synced = sync_of(s, node), sized = some_of(&s->prng, synced, s->ops);
    enum luck luck = luck_of(&s->prng);
    for (u32 i = 0; i < s->ops; i++) {
        const struct op *op = &s->r->ops[i];
        if (op->node != node || (op->kind != OP_WRITE && op->kind != OP_SIZE)) continue;
        if (op->kind == OP_WRITE) content_write(s, &c, op, i < synced, luck);
        if (i >= sized) continue;
        u64 end = op->kind == OP_SIZE ? op->size : op->offset + op->size;
        if (op->kind == OP_SIZE || end > c.size) content_resize(&c, end);
    }
    return c;
}

static void put_file(struct state *s, u32 node, const char *path) {
    struct content c = content_of(s, node);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ENSURE(fd >= 0 && write(fd, c.bytes, c.size) == (ssize_t)c.size);
    close(fd);
    free(c.bytes);
}

static void put_folder(struct state *s, u32 folder, const char *path) {
    for (u32 i = 0; i < s->tree.count; i++) {
        const struct tree_name *name = &s->tree.names[i];
        char below[4096];
        if (name->folder != folder) continue;
        snprintf(below, sizeof below, "%s/%s", path, name->name);
        if (s->r->is_folder[name->node]) {
            ENSURE(mkdir(below, 0700) == 0);
            put_folder(s, name->node, below);
        } else {
            put_file(s, name->node, below);
        }
    }
}

void disk_make(const struct recorder *r, u32 ops, u64 seed, const char *into) {
    struct state s = { .r = r, .ops = ops };
    ENSURE(ops >= r->base && ops <= r->op_count);
    prng_init(&s.prng, seed);
    s.known = calloc(r->node_count, sizeof *s.known);
    ENSURE(s.known);
    choose_names(&s);
    put_folder(&s, 0, into);
    tree_fini(&s.tree);
    free(s.known);
}
