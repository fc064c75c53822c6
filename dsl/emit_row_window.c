/* How a row gets into a window that rows make: a session, or so many rows. What it mostly does, to
   join those before it, is inline; all else is the runtime's. */
#include "dsl/emit_internal.h"

const char *state_type(const struct pstage *s) {
    if (is_aligned(s)) return "struct window";
    return s->op->window.kind == WINDOW_ROWS ? "struct rows" : "struct sessions";
}

/* `took`: did the row come in time for its window? */
static void add_to_window(struct emitter *e, const struct pstage *s) {
    const struct twindow *w = &s->op->window;
    const char *start = window_time(e, s), *end = "end";
    if (twindow_is_carried(w)) {
        start = text(e, "a%d", s->start);
        end = text(e, "a%d", s->time);
    } else {
        line(e, "const i64 end = time_add(%s, %lldll);", start, (long long)w->size_ns);
    }
    line(e, "const bool took = session_add(c, w, slot, hash, %s, %s, now, &delta);", start, end);
}

/* w0_apart: any row, `now` being W as it was before it. */
static void apart(struct emitter *e, const struct pstage *s) {
    u32 n = s->id;
    put(e, "ALWAYS_INLINE void w%u_apart(struct chain *c, %s *w, u8 *slot, u64 hash, i64 now", n,
        state_type(s));
    put_params(e, s, 0);
    put(e, ", const enum job_variant variant)");
    open_block(e, "%s", "");
    line(e, "struct w%u_acc delta = { 0 };", n);
    put(e, "    ");
    put_update(e, s, "&delta");
    if (s->op->window.kind == WINDOW_ROWS)
        line(e, "rows_add(c, w, slot, hash, %s, now, &delta);", window_time(e, s));
    else
        add_to_window(e, s);
    if (pstage_has_contents(s)) line(e, "w%u_drop(&delta, &w->keyed.region);", n);
    if (s->op->window.kind != WINDOW_ROWS) {
        line(e, "if (LIKELY(took)) return;");
        line(e, "c->stages[%u].late++;", n);
        emit_late(e, s);
    }
    close_block(e);
}

static void apart_variant(struct emitter *e, const struct pstage *s, u32 fused) {
    put(e, "static NOINLINE void w%u_apart_%s(struct chain *c, %s *w, u8 *slot, u64 hash, i64 now",
        s->id, variant_name(fused), state_type(s));
    put_params(e, s, 0);
    put(e, ")");
    open_block(e, "%s", "");
    put(e, "    w%u_apart(c, w, slot, hash, now", s->id);
    put_args(e, s, 0);
    put(e, ", %s);\n", fused ? "JOB_FUSED" : "JOB_RINGS");
    close_block(e);
}

static void put_apart_call(struct emitter *e, const struct pstage *s, u32 fused) {
    put(e, "        %sw%u_apart_%s(c, w, slot, hash, now",
        fused ? "if (variant == JOB_FUSED) " : "", s->id, variant_name(fused));
    put_args(e, s, 0);
    put(e, ");\n");
}

static void apart_calls(struct emitter *e, const struct pstage *s, bool fused) {
    if (fused) {
        put_apart_call(e, s, 1);
        put(e, "        else\n    ");
    }
    put_apart_call(e, s, 0);
}

/* w0_add: the row's way in; `care` is for windows that are known without rows. */
static void add(struct emitter *e, const struct pstage *s, bool fused) {
    u32 n = s->id;
    bool rows = s->op->window.kind == WINDOW_ROWS;
    put(e, "ALWAYS_INLINE void w%u_add(struct chain *c, %s *w, const struct w%u_key *key, u64 hash",
        n, state_type(s), n);
    put_params(e, s, 0);
    put(e, ", const enum window_care care, const enum job_variant variant)");
    open_block(e, "%s", "");
    line(e, "(void)care;");
    if (s->op->window.wall)
        line(e, "const i64 now = c->clock;");
    else if (s->fine)
        line(e, "const i64 now = fine_w(&c->fine[%u], c->stamp);", n);
    else
        line(e, "const i64 now = TIME_NEVER;");
    line(e, "u8 *slot = %s_slot(w, &w%u_rings, key, hash);", rows ? "rows" : "session", n);
    if (twindow_is_carried(&s->op->window)) {
        apart_calls(e, s, fused);
        close_block(e);
        return;
    }
    line(e,
         rows ? "struct w%u_acc *acc = rows_grow(w, &w%u_rings, slot, %s);"
              : "struct w%u_acc *acc = session_grow(w, &w%u_rings, slot, now, %s);",
         n, n, window_time(e, s));
    open_block(e, "if (UNLIKELY(!acc))");
    apart_calls(e, s, fused);
    line(e, "return;");
    close_block(e);
    put(e, "    ");
    put_update(e, s, "acc");
    close_block(e);
}

void emit_row_window(struct emitter *e, const struct pstage *s) {
    bool fused = e->plan->can_fuse;
    apart(e, s);
    for (u32 v = 0; v <= fused; v++) apart_variant(e, s, v);
    add(e, s, fused);
}
