/* `set name = literal;`: the settings of a job, as a table; the command line may override them. */
#include "dsl/check_internal.h"

#include <stddef.h>
#include <string.h>

enum setting_kind { SETTING_COUNT, SETTING_SIZE, SETTING_DURATION, SETTING_GUARANTEE };

struct setting {
    const char *name;
    enum setting_kind kind;
    u64 least, most;
    size_t at; /* in struct logical: u32, u64, i64, enum job_guarantee by kind */
    const char *takes;
};

#define MS 1000000u
#define AT(member) offsetof(struct logical, member)

static const struct setting settings[] = {
    { "parallelism", SETTING_COUNT, 1, 128, AT(parallelism), "a number from 1 to 128" },
    { "memory", SETTING_SIZE, 1 << 20, UINT64_MAX, AT(memory_bytes),
      "a size of at least 1MiB, as in 4GiB" },
    { "shards", SETTING_COUNT, 0, UINT32_MAX, AT(shards), "a number" },
    { "snapshot_every", SETTING_DURATION, MS, INT64_MAX, AT(snapshots.every_ns),
      "a duration of at least 1ms, as in 1s" },
    { "guarantee", SETTING_GUARANTEE, 0, 0, AT(snapshots.guarantee),
      "\"exactly_once\" or \"at_least_once\"" },
    { "snapshot_timeout", SETTING_DURATION, MS, INT64_MAX, AT(snapshots.timeout_ns),
      "a duration of at least 1ms, as in 10m" },
    { "snapshot_pause", SETTING_DURATION, 0, INT64_MAX, AT(snapshots.pause_ns),
      "a duration, as in 500ms" },
    { "snapshot_failures", SETTING_COUNT, 1, UINT32_MAX, AT(snapshots.failures),
      "a number from 1" },
    { "snapshot_retain", SETTING_COUNT, 1, 1000, AT(snapshots.retain), "a number from 1 to 1000" },
};

enum { SETTINGS = sizeof settings / sizeof *settings };

static const struct setting *setting_find(const char *name) {
    for (u32 i = 0; i < SETTINGS; i++)
        if (!strcmp(settings[i].name, name)) return &settings[i];
    return NULL;
}

static void set_unknown(struct checker *c, const struct ast_decl *d) {
    const char *known[SETTINGS];
    struct text_buf all;
    text_buf_init(&all);
    for (u32 i = 0; i < SETTINGS; i++) {
        known[i] = settings[i].name;
        text_buf_printf(&all, "%s%s", i ? ", " : "", known[i]);
    }
    struct diag *diag = diag_error(c->diags, E0210, d->name.span, "no setting `%s`", d->name.text);
    const char *near = diag_nearest(d->name.text, known, SETTINGS);
    if (near)
        diag_help(c->diags, diag, "did you mean `%s`?", near);
    else
        diag_help(c->diags, diag, "there are %s", all.at);
    text_buf_fini(&all);
}

const char *guarantee_name(enum job_guarantee guarantee) {
    switch (guarantee) {
    case JOB_GUARANTEE_UNSET:
        return "";
    case JOB_AT_LEAST_ONCE:
        return "at_least_once";
    case JOB_EXACTLY_ONCE:
        return "exactly_once";
    }
    return "";
}

bool guarantee_find(const char *word, u64 size, enum job_guarantee *out) {
    for (enum job_guarantee g = JOB_AT_LEAST_ONCE; g <= JOB_EXACTLY_ONCE; g++) {
        const char *name = guarantee_name(g);
        if (size != strlen(name) || memcmp(word, name, size)) continue;
        *out = g;
        return true;
    }
    return false;
}

static bool is_within(const struct setting *s, u64 value) {
    return s->least <= value && value <= s->most;
}

/* False: it takes something else. */
static bool set_value(struct logical *job, const struct setting *s, const struct ast_expr *e) {
    void *at = (u8 *)job + s->at;
    switch (s->kind) {
    case SETTING_COUNT:
        if (e->kind != AST_EXPR_INT || !is_within(s, e->integer)) return false;
        *(u32 *)at = (u32)e->integer;
        return true;
    case SETTING_SIZE:
        if (e->kind != AST_EXPR_SIZE || !is_within(s, e->size_bytes)) return false;
        *(u64 *)at = e->size_bytes;
        return true;
    case SETTING_DURATION:
        if (e->kind != AST_EXPR_DURATION || !is_within(s, (u64)e->duration_ns)) return false;
        *(i64 *)at = e->duration_ns;
        return true;
    case SETTING_GUARANTEE:
        return e->kind == AST_EXPR_STRING && guarantee_find(e->string.at, e->string.size, at);
    }
    return false;
}

static void set_check(struct checker *c, const struct ast_decl *d) {
    struct logical *job = c->job;
    const struct setting *s = setting_find(d->name.text);
    u32 shards = job->shards;
    if (!s)
        set_unknown(c, d);
    else if (!set_value(job, s, d->set))
        diag_error(c->diags, E0210, d->set->span, "`%s` takes %s", s->name, s->takes);
    if (job->shards != shards) not_yet(c, d->set->span, "another number of shards than %u", shards);
    job->shards = shards;
}

/* `set` is of the main file, and said once. */
void settings_check(struct checker *c) {
    const struct ast_decls *decls = &c->parse->files[0]->decls;
    c->job->shards = 128;
    c->job->snapshots =
        (struct job_snapshots){ .timeout_ns = 600000l * MS, .failures = 10, .retain = 3 };
    for (u32 i = 0; i < decls->count; i++) {
        const struct ast_decl *d = decls->at[i];
        if (d->kind != AST_DECL_SET) continue;
        for (u32 k = 0; k < i; k++) {
            if (decls->at[k]->kind != AST_DECL_SET || strcmp(decls->at[k]->name.text, d->name.text))
                continue;
            struct diag *diag =
                diag_error(c->diags, E0202, d->name.span, "`%s` is set twice", d->name.text);
            diag_note(c->diags, diag, decls->at[k]->name.span, "here is the first");
            break;
        }
        set_check(c, d);
    }
}
