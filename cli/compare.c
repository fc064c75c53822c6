#include "cli/compare.h"

#include "io/connector.h"
#include "runtime/base/error.h"
#include "runtime/exec/snapshot_restore.h"
#include "runtime/job.h"

#include <string.h>

struct comparer {
    const struct snapshot *from;
    const struct job *job;
    const struct param_values *params;
    struct arena *arena;
    struct comparison *out;
    bool bad; /* a section could not be read */
};

const char *fate_name(enum fate fate) {
    static const char *const names[] = { "keep", "migrate", "rebuild", "drop", "refuse" };
    return names[fate];
}

bool fate_is_loss(enum fate fate) {
    return fate == FATE_DROP || fate == FATE_REFUSE;
}

void print_finding(const struct finding *f, FILE *to) {
    fprintf(to, "%-7s %-32s %s\n", f->kind, f->name, fate_name(f->fate));
    for (const char *at = f->why; *at;) {
        size_t size = strcspn(at, "\n");
        fprintf(to, "            %.*s\n", (int)size, at);
        at += size + (at[size] == '\n');
    }
}

static void find(struct comparer *c, const char *kind, const char *name, enum fate fate,
                 const char *why) {
    c->out->at[c->out->count++] = (struct finding){ kind, name, fate, why };
}

static bool is_text(struct str text, const char *other) {
    return other && strlen(other) == text.size && !memcmp(text.at, other, text.size);
}

static const char *kept(struct comparer *c, struct str text) {
    return arena_copy(c->arena, text.at, text.size);
}

/* ---- sections: KIND/N, which begins with the name of what it is of ---- */

static bool section(struct comparer *c, u32 i, const char *kind, struct str *name,
                    struct unpack *rest) {
    struct str title = snapshot_section_at(c->from, i, rest);
    size_t size = strlen(kind);
    if (title.size <= size || memcmp(title.at, kind, size) || title.at[size] != '/') return false;
    *name = unpack_bytes(rest);
    c->bad |= rest->bad;
    return !rest->bad;
}

static bool section_of(struct comparer *c, const char *kind, const char *wanted,
                       struct unpack *rest) {
    struct str name;
    for (u32 i = 0; wanted && i < snapshot_sections(c->from); i++)
        if (section(c, i, kind, &name, rest) && is_text(name, wanted)) return true;
    return false;
}

/* ---- connectors: what is read, what is written ---- */

static const char *option_now(const struct comparer *c, const struct job_connector *now,
                              struct str name) {
    for (u32 i = 0; i < now->option_count; i++)
        if (is_text(name, now->options[i].name))
            return option_shown(c->job, &now->options[i], c->params);
    return NULL;
}

/* Lines for options that are not as they were. *other: it is another connector. */
static const char *connector_changes(struct comparer *c, struct unpack *was,
                                     const struct job_connector *now, bool *other) {
    struct str connector = unpack_bytes(was), format = unpack_bytes(was);
    const char *why = "";
    *other = !is_text(connector, now->connector);
    if (*other)
        why = arena_printf(c->arena, "was `%.*s`, is `%s`\n", (int)connector.size, connector.at,
                           now->connector);
    if (!is_text(format, now->format ? now->format : ""))
        why = arena_printf(c->arena, "%sformat: was %.*s, is %s\n", why, (int)format.size,
                           format.at, now->format ? now->format : "none");
    for (u32 n = unpack_u32(was); n && !was->bad; n--) {
        struct str name = unpack_bytes(was), text = unpack_bytes(was);
        const char *is = option_now(c, now, name);
        if (was->bad || *other || is_text(text, is)) continue;
        why = arena_printf(c->arena, "%s%.*s: was %.*s, is %s\n", why, (int)name.size, name.at,
                           (int)text.size, text.at, is ? is : "not said");
    }
    c->bad |= was->bad;
    return why;
}

/* ---- sources ---- */

static void compare_source(struct comparer *c, const struct job_source *s) {
    struct unpack was;
    bool other;
    if (!section_of(c, "source", s->name, &was)) {
        find(c, "source", s->name, FATE_REFUSE,
             "the snapshot has no place for a source that it does not know\n");
        return;
    }
    const char *why = connector_changes(c, &was, &s->connector, &other);
    if (other)
        why = arena_printf(c->arena, "%sthe place in one input is none in another\n", why);
    else if (*why)
        why = arena_printf(c->arena, "%sgoes on if the input holds what had been read\n", why);
    find(c, "source", s->name, other ? FATE_REFUSE : FATE_KEEP, why);
}

static void gone_sources(struct comparer *c) {
    struct str name;
    struct unpack rest;
    for (u32 i = 0; i < snapshot_sections(c->from); i++) {
        if (!section(c, i, "source", &name, &rest)) continue;
        bool there = false;
        for (u32 s = 0; s < c->job->source_count && !there; s++)
            there = is_text(name, c->job->sources[s].name);
        if (!there)
            find(c, "source", kept(c, name), FATE_DROP, "the job has it no more: its place\n");
    }
}

/* ---- stages that remember ---- */

/* The schema of the first of a stage's images; null: it has none. */
static const struct state_schema *saved_schema(struct comparer *c, struct unpack u) {
    unpack_i64(&u); /* watermarks */
    for (u32 n = unpack_u32(&u); n && !u.bad; n--) {
        unpack_u8(&u);
        unpack_bytes(&u);
        unpack_u32(&u);
        unpack_i64(&u);
    }
    unpack_i64(&u); /* fine time */
    for (u32 n = unpack_u32(&u); n && !u.bad; n--) {
        unpack_bytes(&u);
        unpack_i64(&u);
    }
    u32 images = unpack_u32(&u);
    struct unpack part = unpack_part(&u);
    if (u.bad) c->bad = true;
    if (u.bad || !images) return NULL;
    unpack_u32(&part); /* the region */
    struct unpack window = unpack_part(&part);
    const struct state_schema *schema = part.bad ? NULL : schema_unpack(&window, c->arena);
    if (!schema) c->bad = true;
    return schema;
}

static void compare_stage(struct comparer *c, const struct job_stage *s) {
    static const enum fate fates[] = {
        [SCHEMA_KEEP] = FATE_KEEP, [SCHEMA_MIGRATE] = FATE_MIGRATE, [SCHEMA_REFUSE] = FATE_DROP
    };
    struct unpack saved;
    bool renamed = false, there = section_of(c, "stage", s->name, &saved);
    if (!there) there = renamed = section_of(c, "stage", s->was, &saved);
    const struct state_schema *old = there ? saved_schema(c, saved) : NULL;
    if (!old) {
        find(c, "stage", s->name, FATE_REBUILD, "new: begins empty\n");
        return;
    }
    struct text_buf why;
    text_buf_init(&why);
    if (renamed) text_buf_printf(&why, "was `%s`\n", s->was);
    enum schema_fit fit = schema_compare(old, s->schema, &why);
    enum fate fate = fates[fit];
    if (renamed && fate == FATE_KEEP) fate = FATE_MIGRATE;
    find(c, "stage", s->name, fate, arena_copy(c->arena, why.at, why.size));
    text_buf_fini(&why);
}

static bool has_window(const struct job *job, struct str name) {
    for (u32 k = 0; k < job->stage_count; k++) {
        const struct job_stage *s = &job->stages[k];
        if (s->keeper && (is_text(name, s->name) || is_text(name, s->was))) return true;
    }
    return false;
}

static void gone_stages(struct comparer *c) {
    struct str name;
    struct unpack rest;
    for (u32 i = 0; i < snapshot_sections(c->from); i++)
        if (section(c, i, "stage", &name, &rest) && !has_window(c->job, name) &&
            saved_schema(c, rest))
            find(c, "stage", kept(c, name), FATE_DROP, "the job has it no more: its state\n");
}

/* ---- sinks ---- */

static void compare_sink(struct comparer *c, const struct job_stage *s) {
    const struct sink_ops *ops = connector_sink(s->sink.connector);
    struct unpack was;
    bool other, saved = section_of(c, "sink", s->name, &was), renamed = false;
    if (!saved) saved = renamed = section_of(c, "sink", s->was, &was);
    if (!saved && ops && !ops->seal)
        find(c, "sink", s->name, FATE_KEEP, "at least once: nothing of it is saved\n");
    else if (!saved)
        find(c, "sink", s->name, FATE_REBUILD, "new: output that is there already is refused\n");
    if (!saved) return;
    unpack_bytes(&was); /* what is pending */
    const char *why = connector_changes(c, &was, &s->sink, &other);
    if (*why)
        why = arena_printf(c->arena,
                           "%sthe rest of the output, and what was not yet visible of it\n", why);
    enum fate fate = *why ? FATE_DROP : renamed ? FATE_MIGRATE : FATE_KEEP;
    if (renamed) why = arena_printf(c->arena, "was `%s`\n%s", s->was, why);
    find(c, "sink", s->name, fate, why);
}

static void gone_sinks(struct comparer *c) {
    struct str name;
    struct unpack rest;
    for (u32 i = 0; i < snapshot_sections(c->from); i++) {
        if (!section(c, i, "sink", &name, &rest)) continue;
        bool there = false;
        for (u32 k = 0; k < c->job->stage_count && !there; k++)
            there = c->job->stages[k].kind == JOB_SINK &&
                    (is_text(name, c->job->stages[k].name) || is_text(name, c->job->stages[k].was));
        if (!there)
            find(c, "sink", kept(c, name), FATE_DROP,
                 "the job has it no more: what was not yet visible\n");
    }
}

/* ---- the job ---- */

static void compare_params(struct comparer *c, const struct snapshot_job *saved) {
    struct unpack u = saved->params;
    for (u32 n = unpack_u32(&u); n && !u.bad; n--) {
        struct str name = unpack_bytes(&u), text = unpack_bytes(&u);
        for (u32 i = 0; i < c->job->param_count && !u.bad; i++) {
            const char *own = c->job->params[i].name;
            const char *now = is_text(name, own) ? param_text(c->job, own, c->params) : NULL;
            if (!now || is_text(text, now)) continue;
            find(c, "param", own, FATE_REFUSE,
                 arena_printf(c->arena, "was `%.*s`, is `%s`\n", (int)text.size, text.at, now));
        }
    }
    c->bad |= u.bad;
}

int compare_job(const struct snapshot *from, const struct job *job,
                const struct param_values *params, struct arena *arena, struct comparison *out) {
    struct comparer c = { from, job, params, arena, out, false };
    u32 room = job->param_count + job->source_count + job->stage_count + snapshot_sections(from);
    struct snapshot_job saved;
    if (snapshot_read_job(from, &saved)) return -1;
    *out = (struct comparison){ arena_alloc(arena, (room + 1) * sizeof *out->at), 0 };
    if (!is_text(saved.name, job->name))
        find(&c, "job", job->name, FATE_REFUSE,
             arena_printf(arena, "the snapshot is of job `%.*s`\n", (int)saved.name.size,
                          saved.name.at));
    compare_params(&c, &saved);
    for (u32 i = 0; i < job->source_count; i++) compare_source(&c, &job->sources[i]);
    for (u32 k = 0; k < job->stage_count; k++)
        if (job->stages[k].keeper) compare_stage(&c, &job->stages[k]);
    for (u32 k = 0; k < job->stage_count; k++)
        if (job->stages[k].kind == JOB_SINK) compare_sink(&c, &job->stages[k]);
    gone_sources(&c);
    gone_stages(&c);
    gone_sinks(&c);
    return c.bad ? error_set(0, "the snapshot's description of the job cannot be read") : 0;
}
