/* `millrace snapshot list|show|check`: what lies in a state folder. Reads only, also while a job
   runs there. */
#include "cli/commands.h"

#include "cli/report.h"
#include "io/connector.h"
#include "runtime/base/error.h"
#include "runtime/data/timefn.h"
#include "runtime/exec/sequence.h"
#include "runtime/exec/snapshot_restore.h"
#include "runtime/snapshot/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *command, *dir;
    u64 number; /* 0: the newest */
    struct env env;
};

static int help(void) {
    printf(
        "millrace snapshot list DIR\n"
        "millrace snapshot show DIR [NUMBER]\n"
        "millrace snapshot check DIR [NUMBER]\n\n"
        "What lies in a state folder (.millrace/JOB beside the job, unless told otherwise) or in "
        "a savepoint.\n\n"
        "  list   the snapshots: number, time, size, and whether all their files are there\n"
        "  show   the newest one, or that of the number: what is in it\n"
        "  check  every byte against its checksum, of all or of one; status 1 if one is damaged\n\n"
        "    millrace snapshot check .millrace/word_count\n");
    return EXIT_OK;
}

static int refused(const struct request *r) {
    fprintf(stderr, "millrace snapshot %s: %s\n", r->command, error_text());
    return error_number() == ENOENT ? EXIT_NOT_FOUND : EXIT_RUN_FAILED;
}

static int not_there(const struct request *r, u64 number) {
    fprintf(stderr, "millrace snapshot %s: there is no snapshot ", r->command);
    if (number) fprintf(stderr, "%llu ", (unsigned long long)number);
    fprintf(stderr, "in %s\n", r->dir);
    return EXIT_NOT_FOUND;
}

static const struct snapshot_info *info_of(const struct store *s, u64 number) {
    for (u32 i = 0; i < store_count(s); i++)
        if (store_info(s, i)->number == number) return store_info(s, i);
    return NULL;
}

static const char *time_text(i64 stamp, char *room) {
    room[format_timestamp(room, stamp / 1000000000 * 1000000000)] = 0;
    return room;
}

/* ---- list ---- */

static int list(const struct store *s) {
    char time[FORMAT_ROOM], bytes[32], own[32];
    printf("%8s  %-20s  %10s  %10s  %s\n", "number", "time", "size", "its own", "valid");
    for (u32 i = 0; i < store_count(s); i++) {
        const struct snapshot_info *info = store_info(s, i);
        if (info->why && !info->bytes)
            printf("%8llu  %-20s  %10s  %10s  no: %s\n", (unsigned long long)info->number, "-", "-",
                   "-", info->why);
        else
            printf("%8llu  %-20s  %10s  %10s  %s%s\n", (unsigned long long)info->number,
                   time_text(info->stamp, time), bytes_text(info->bytes, bytes),
                   bytes_text(info->own_bytes, own), info->why ? "no: " : "yes",
                   info->why ? info->why : "");
    }
    return EXIT_OK;
}

/* ---- show ---- */

static void show_job(const struct snapshot *snapshot, struct unpack from) {
    struct snapshot_job job;
    if (snapshot_read_job(snapshot, &job)) {
        printf("  %s", error_text());
        return;
    }
    printf("  %.*s, run %.*s%s", (int)job.name.size, job.name.at, (int)job.run.size, job.run.at,
           job.finished ? ", all its input has ended" : "");
}

static void show_name(const struct snapshot *snapshot, struct unpack from) {
    struct str name = unpack_bytes(&from);
    if (!from.bad) printf("  %.*s", (int)name.size, name.at);
}

static bool find_place(const struct snapshot *snapshot, struct str name,
                       struct sequence_place *out) {
    for (u32 i = 0; i < snapshot_sections(snapshot); i++) {
        struct unpack island;
        struct str section = snapshot_section_at(snapshot, i, &island);
        if (section.size < 7 || memcmp(section.at, "island/", 7)) continue;
        unpack_bytes(&island);
        for (u32 n = 0; sequence_place(island, n, out); n++)
            if (out->name.size == name.size && !memcmp(out->name.at, name.at, name.size))
                return true;
    }
    return false;
}

static const char *connector_at(struct unpack *from, char room[32]) {
    struct str name = unpack_bytes(from);
    snprintf(room, 32, "%.*s", (int)name.size, name.at);
    return room;
}

static void show_source(const struct snapshot *snapshot, struct unpack from) {
    struct str name = unpack_bytes(&from);
    struct sequence_place place;
    char connector[32];
    const struct source_ops *ops = connector_source(connector_at(&from, connector));
    if (from.bad) return;
    printf("  %.*s", (int)name.size, name.at);
    if (!find_place(snapshot, name, &place)) return;
    struct text_buf text;
    text_buf_init(&text);
    if (ops && ops->show && place.open) ops->show(&place.position, &text);
    printf(", %s", !place.open ? "has ended" : text.at ? text.at : "open");
    text_buf_fini(&text);
}

static void show_sink(const struct snapshot *snapshot, struct unpack from) {
    struct str name = unpack_bytes(&from);
    struct unpack pending = unpack_part(&from);
    char connector[32];
    const struct sink_ops *ops = connector_sink(connector_at(&from, connector));
    if (from.bad) return;
    struct text_buf text;
    text_buf_init(&text);
    if (ops && ops->show) ops->show(&pending, &text);
    printf("  %.*s%s%s", (int)name.size, name.at, text.at ? ", " : "", text.at ? text.at : "");
    text_buf_fini(&text);
}

/* What can be said of a section besides its size, by what its name begins with. */
static const struct decoder {
    const char *kind;
    void (*show)(const struct snapshot *snapshot, struct unpack from);
} decoders[] = {
    { "job", show_job },     { "island/", show_name }, { "source/", show_source },
    { "stage/", show_name }, { "sink/", show_sink },
};

static void show_section(const struct snapshot *snapshot, u32 i) {
    struct unpack from;
    struct str name = snapshot_section_at(snapshot, i, &from);
    printf("  %-16.*s %10llu bytes", (int)name.size, name.at,
           (unsigned long long)(from.end - from.at));
    for (u32 k = 0; k < sizeof decoders / sizeof *decoders; k++) {
        size_t size = strlen(decoders[k].kind);
        if (name.size >= size && !memcmp(name.at, decoders[k].kind, size))
            decoders[k].show(snapshot, from);
    }
    printf("\n");
}

static int show(const struct request *r, struct store *s) {
    struct snapshot *snapshot = snapshot_open(s, r->number);
    if (!snapshot) return refused(r);
    char time[FORMAT_ROOM], bytes[32], own[32];
    printf("snapshot %llu\n", (unsigned long long)snapshot_number(snapshot));
    printf("  %-16s %s\n", "time", time_text(snapshot_stamp(snapshot), time));
    printf("  %-16s %s\n", "state folder of", store_job(s));
    const struct snapshot_info *info = info_of(s, r->number);
    printf("  %-16s %s, of which %s in its own files%s%s\n", "size", bytes_text(info->bytes, bytes),
           bytes_text(info->own_bytes, own), info->why ? "; damaged: " : "",
           info->why ? info->why : "");
    printf("regions of state: %u\n", snapshot_regions(snapshot));
    for (u32 i = 0; i < snapshot_regions(snapshot); i++) {
        u32 granules, region = snapshot_region_at(snapshot, i, &granules);
        printf("  %-16u %10llu bytes\n", region,
               (unsigned long long)granules * SNAPSHOT_GRANULE_BYTES);
    }
    printf("sections: %u\n", snapshot_sections(snapshot));
    for (u32 i = 0; i < snapshot_sections(snapshot); i++) show_section(snapshot, i);
    snapshot_free(snapshot);
    return EXIT_OK;
}

/* ---- check ---- */

static void print_damage(void *arg, const char *text) {
    printf("  %s\n", text);
}

static int check_one(const struct request *r, struct store *s, u64 number) {
    i64 damages = store_check(s, number, print_damage, NULL);
    if (damages < 0) return refused(r);
    printf("snapshot %llu: ", (unsigned long long)number);
    if (!damages) printf("intact\n");
    if (damages)
        printf("damaged in %lld %s\n", (long long)damages, damages > 1 ? "places" : "place");
    return damages ? EXIT_RUN_FAILED : EXIT_OK;
}

static int check(const struct request *r, struct store *s) {
    if (r->number) return check_one(r, s, r->number);
    int worst = EXIT_OK;
    for (u32 i = store_count(s); i-- > 0;) {
        int status = check_one(r, s, store_info(s, i)->number);
        if (status > worst) worst = status;
    }
    return worst;
}

/* ---- the command ---- */

static int answer(struct request *r) {
    r->env = env_real();
    struct store *s = store_open_read(&r->env, r->dir);
    if (!s) return refused(r);
    int status;
    bool is_show = !strcmp(r->command, "show");
    if (is_show && !r->number) r->number = store_newest(s);
    if ((is_show || r->number) && !info_of(s, r->number))
        status = not_there(r, r->number);
    else if (!strcmp(r->command, "list"))
        status = list(s);
    else
        status = is_show ? show(r, s) : check(r, s);
    store_close(s);
    return status;
}

int command_snapshot(int argc, char **argv) {
    static const char *const known[] = { "list", "show", "check", "--help", NULL };
    struct request r = { 0 };
    for (int at = 0; at < argc;) {
        char *word = argv[at++];
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) return help();
        if (word[0] == '-' && word[1]) return usage_error("snapshot", word, known);
        if (!r.command) {
            for (u32 i = 0; i < 3; i++)
                if (!strcmp(word, known[i])) r.command = word;
            if (!r.command) return usage_error("snapshot", word, known);
        } else if (!r.dir) {
            r.dir = word;
        } else if (r.number || !strcmp(r.command, "list") || !parse_count(word, &r.number) ||
                   !r.number) {
            fprintf(stderr, "millrace snapshot %s: what is `%s`?\n", r.command, word);
            return EXIT_USAGE;
        }
    }
    if (r.dir) return answer(&r);
    fprintf(stderr, "millrace snapshot: %s\n",
            r.command ? "which folder?" : "list, show or check what?");
    return EXIT_USAGE;
}
