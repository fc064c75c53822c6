#include "dsl/emit_internal.h"

#include <string.h>

static void emit_stages(struct emitter *e) {
    const struct physical *p = e->plan;
    for (u32 i = 0; i < p->stage_count; i++)
        if (p->stages[i].kind == PSTAGE_WINDOW) {
            emit_key(e, &p->stages[i]);
            emit_accs(e, &p->stages[i]);
        }
    for (u32 i = 0; i < p->hole_count; i++) emit_hole(e, i);
    for (u32 i = 0; i < p->source_count; i++) emit_source_run(e, i);
    for (u32 i = 0; i < p->stage_count; i++)
        if (p->stages[i].kind == PSTAGE_SINK) emit_sink(e, &p->stages[i]);
    for (u32 i = 0; i < p->table_count; i++) emit_table_row(e, i);
    for (u32 i = 0; i < p->edge_count; i++) {
        if (p->edges[i].combined) emit_combine(e, &p->stages[p->edges[i].to]);
        emit_edge_row(e, &p->edges[i]);
    }
    /* A stage calls what sends to its readers: so the last one comes first, and what sends to a
       stage comes behind it. */
    for (u32 i = p->stage_count; i-- > 0;) {
        const struct pstage *s = &p->stages[i];
        if (s->kind == PSTAGE_WINDOW) emit_window(e, s);
        if (s->kind == PSTAGE_HOLD) emit_hold(e, s);
        if (s->kind == PSTAGE_RELAY) emit_relay(e, s);
        for (u32 k = 0; k < s->input_count; k++) {
            const struct pedge *edge = &p->edges[s->inputs[k]];
            if (edge->combined) emit_edge_flush(e, edge);
            emit_edge_send(e, edge);
        }
    }
    for (u32 i = 0; i < p->edge_count; i++) emit_edge_rows(e, &p->edges[i]);
}

static const char preamble[] = "#include \"runtime/job.h\"\n\n"
                               "typedef __int128 wide __attribute__((aligned(8)));\n\n";

/* Copies the text; where it says so, the lines that follow are its own again, under their numbers.
 */
static void put_numbered(const char *from, struct text_buf *to) {
    for (u32 number = 1; *from; number++) {
        const char *end = strchr(from, '\n') + 1;
        if (strncmp(from, OWN_LINE, strlen(OWN_LINE)) == 0)
            text_buf_printf(to, "#line %u \"job.c\"\n", number + 1);
        else
            text_buf_put(to, from, (size_t)(end - from));
        from = end;
    }
}

/* Constants that expressions asked for come first, and are known last. */
void job_emit(const struct physical *plan, const struct texts *texts, const char *name,
              struct text_buf *to) {
    struct emitter e = { .plan = plan, .texts = texts, .name = name };
    struct text_buf head, body;
    arena_init(&e.arena);
    text_buf_init(&e.regexes);
    text_buf_init(&head);
    text_buf_init(&body);
    text_buf_str(&head, preamble);
    e.head = &head;
    e.out = e.lines = &body;
    emit_stages(&e);
    for (u32 i = 0; i < plan->source_count; i++) emit_source(&e, &plan->sources[i]);
    for (u32 i = 0; i < plan->table_count; i++) emit_table(&e, i);
    emit_job(&e);
    text_buf_put(&head, body.at, body.size);
    put_numbered(head.at, to);
    text_buf_fini(&body);
    text_buf_fini(&head);
    text_buf_fini(&e.regexes);
    arena_fini(&e.arena);
}
