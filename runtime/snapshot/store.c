/* The folder: whose it is, who has it, which snapshots are there. */
#include "runtime/base/ensure.h"
#include "runtime/base/error.h"
#include "runtime/snapshot/store_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOB_TEXT "millrace job "
#define JOB_TEXT_BYTES (sizeof JOB_TEXT - 1)
#define PID_WAIT_NS 5000000 /* for who has just locked the folder to write its pid */

/* ---- paths ---- */

static void path_put(struct path *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int size = vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
    ENSURE(size >= 0 && (size_t)size < sizeof out->text);
}

void path_in(const struct store *s, const char *name, struct path *out) {
    path_put(out, "%s/%s", s->dir.text, name);
}

void path_of_folder(const struct store *s, u64 number, struct path *out) {
    path_put(out, "%s/snapshots/%020llu", s->dir.text, (unsigned long long)number);
}

void path_of_data(const struct store *s, u64 number, u32 file, struct path *out) {
    path_put(out, "%s/snapshots/%020llu/data.%u", s->dir.text, (unsigned long long)number, file);
}

void path_of_manifest(const struct store *s, u64 number, const char *suffix, struct path *out) {
    path_put(out, "%s/snapshots/%020llu/MANIFEST%s", s->dir.text, (unsigned long long)number,
             suffix);
}

int read_file(struct env *env, const char *path, u8 **bytes, u64 *size) {
    struct env_file file;
    struct env_file_info info;
    *bytes = NULL;
    if (env_open(env, path, ENV_OPEN_PLAIN, &file)) return -1;
    int failed = env_info(env, file, &info);
    if (!failed && info.kind != ENV_FILE_REGULAR)
        failed = error_set(0, "%s is not a regular file", path);
    if (!failed && !(*bytes = malloc(info.size + 1))) failed = error_set(ENOMEM, "read %s", path);
    if (!failed) {
        i64 got = env_read_at(env, file, *bytes, info.size, 0);
        failed = got < 0 ? -1 : 0;
        *size = failed ? 0 : (u64)got;
    }
    env_close(env, file);
    if (failed) {
        free(*bytes);
        *bytes = NULL;
    }
    return failed;
}

/* ---- the job's uuid ---- */

static void job_print(const struct job_id *job, char *text) {
    for (u32 i = 0; i < sizeof job->bytes; i++) sprintf(text + 2 * i, "%02x", job->bytes[i]);
}

static int hex_of(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    return -1;
}

static int job_parse(struct store *s, const u8 *text, u64 size, const char *path) {
    const u8 *digits = text + JOB_TEXT_BYTES;
    bool fine = size == JOB_TEXT_BYTES + 33 && !memcmp(text, JOB_TEXT, JOB_TEXT_BYTES) &&
                digits[32] == '\n';
    for (u32 i = 0; fine && i < sizeof s->job.bytes; i++) {
        int high = hex_of((char)digits[2 * i]), low = hex_of((char)digits[2 * i + 1]);
        fine = high >= 0 && low >= 0;
        s->job.bytes[i] = (u8)((high << 4) | (low & 15));
    }
    if (!fine) return error_set(0, "%s is damaged: it does not tell whose state this is", path);
    job_print(&s->job, s->job_text);
    return 0;
}

static int write_job(struct store *s, const char *path) {
    struct path early;
    struct env_file file;
    char text[64];
    path_put(&early, "%s.new", path);
    int size = snprintf(text, sizeof text, JOB_TEXT "%s\n", s->job_text);
    if (env_open(s->env, early.text, ENV_OPEN_CREATE, &file)) return -1;
    int failed = env_write_all(s->env, file, text, (u64)size);
    if (!failed) failed = env_sync(s->env, file);
    if (env_close(s->env, file) || failed) return -1;
    env_point(s->env, "job written");
    if (env_rename_new(s->env, early.text, path)) return -1;
    return env_sync_path(s->env, s->dir.text);
}

static int find_job(struct store *s) {
    struct path path;
    u8 *text;
    u64 size;
    path_in(s, "JOB", &path);
    if (!read_file(s->env, path.text, &text, &size)) {
        int failed = job_parse(s, text, size, path.text);
        free(text);
        return failed;
    }
    if (error_number() != ENOENT || !s->locked) return -1;
    u64 *numbers;
    u32 count;
    if (folders_of(s, &numbers, &count)) return -1;
    free(numbers);
    if (count)
        return error_set(0,
                         "%s is not there: nobody can tell whose snapshots lie beside it; put it "
                         "back, or take another state folder",
                         path.text);
    for (u32 i = 0; i < sizeof s->job.bytes && !s->job_given; i += 8) {
        u64 number = env_random(s->env);
        memcpy(s->job.bytes + i, &number, sizeof number);
    }
    job_print(&s->job, s->job_text);
    return write_job(s, path.text);
}

/* ---- which snapshots are there ---- */

struct entry *entry_of(const struct store *s, u64 number) {
    for (u32 i = 0; i < s->entry_count; i++)
        if (s->entries[i].info.number == number) return &s->entries[i];
    return NULL;
}

static struct entry *entry_new(struct store *s, u64 number) {
    s->entries = realloc(s->entries, (s->entry_count + 1) * sizeof *s->entries);
    ENSURE(s->entries);
    struct entry *entry = &s->entries[s->entry_count++];
    *entry = (struct entry){ .info.number = number };
    return entry;
}

void entry_add(struct store *s, const struct manifest *m, u64 manifest_bytes) {
    struct entry *entry = entry_new(s, m->number);
    entry->m = *m;
    free(entry->m.sections);
    entry->m.sections = NULL;
    entry->m.section_count = 0;
    entry->info.stamp = m->stamp;
    entry->info.bytes = entry->info.own_bytes = manifest_bytes;
    for (u32 i = 0; i < m->file_count; i++) {
        u64 bytes = data_file_bytes(m->files[i].granules);
        entry->info.bytes += bytes;
        if (m->files[i].number == m->number) entry->info.own_bytes += bytes;
    }
}

static void entry_damaged(struct entry *entry) {
    entry->why = strdup(error_text());
    ENSURE(entry->why);
    entry->info.why = entry->why;
}

void entry_remove(struct store *s, struct entry *entry) {
    free(entry->why);
    manifest_fini(&entry->m);
    u32 behind = (u32)(s->entries + s->entry_count - (entry + 1));
    memmove(entry, entry + 1, behind * sizeof *entry);
    s->entry_count--;
}

int manifest_load(struct store *s, u64 number, u8 **bytes, u64 *size, struct manifest *out) {
    struct path path;
    path_of_manifest(s, number, "", &path);
    if (read_file(s->env, path.text, bytes, size)) return -1;
    int failed = manifest_unpack(*bytes, *size, path.text, out);
    const char *wrong = NULL;
    if (!failed && memcmp(&out->job, &s->job, sizeof s->job))
        wrong = "offset 12: the manifest is of another job";
    else if (!failed && out->number != number)
        wrong = "offset 28: the manifest is of another snapshot";
    if (wrong) {
        failed = error_set(0, "%s, %s", path.text, wrong);
        manifest_fini(out);
    }
    if (failed) {
        free(*bytes);
        *bytes = NULL;
    }
    return failed;
}

/* That all files are there, as long as they should be. */
static int look_at_files(struct store *s, const struct manifest *m) {
    for (u32 i = 0; i < m->file_count; i++) {
        struct path path;
        struct env_file file;
        struct env_file_info info;
        path_of_data(s, m->files[i].number, m->files[i].file, &path);
        if (env_open(s->env, path.text, ENV_OPEN_PLAIN, &file)) return -1;
        int failed = env_info(s->env, file, &info);
        u64 wanted = data_file_bytes(m->files[i].granules);
        if (!failed && (info.kind != ENV_FILE_REGULAR || info.size != wanted))
            failed = error_set(0, "%s, offset %llu: the file should end at %llu", path.text,
                               (unsigned long long)info.size, (unsigned long long)wanted);
        env_close(s->env, file);
        if (failed) return -1;
    }
    return 0;
}

static int find_snapshots(struct store *s) {
    u64 *numbers;
    u32 count;
    if (folders_of(s, &numbers, &count)) return -1;
    for (u32 i = 0; i < count; i++) {
        struct manifest m;
        u8 *bytes;
        u64 size;
        if (!manifest_load(s, numbers[i], &bytes, &size, &m)) {
            free(bytes);
            entry_add(s, &m, size);
            if (look_at_files(s, &m)) entry_damaged(&s->entries[s->entry_count - 1]);
        } else if (error_number() != ENOENT) {
            entry_damaged(entry_new(s, numbers[i]));
        } else {
            s->dead = numbers[i]; /* the sweep looks whether something lies in it */
        }
    }
    s->next = count ? numbers[count - 1] + 1 : 1;
    if (s->dead < store_newest(s)) s->dead = 0;
    free(numbers);
    return 0;
}

/* ---- opening ---- */

/* Makes a folder and those above it, each synced into the one above before anything is made in it.
   One that is there is synced too: whoever made it may not have come so far. */
static int make_folders(struct env *env, const char *path) {
    struct path above;
    struct env_file there;
    const char *slash = strrchr(path, '/');
    path_put(&above, "%.*s", slash > path ? (int)(slash - path) : 1, slash ? path : ".");
    if (!env_open(env, path, ENV_OPEN_READ, &there)) {
        if (env_close(env, there)) return -1;
        return env_sync_path(env, above.text) && error_number() != EACCES ? -1 : 0;
    }
    if (error_number() != ENOENT) return -1;
    if (slash > path && make_folders(env, above.text)) return -1;
    if (env_mkdir_private(env, path)) return -1;
    return env_sync_path(env, above.text);
}

static int locked_by_another(struct store *s) {
    char text[24] = { 0 };
    env_sleep_ns(s->env, PID_WAIT_NS);
    env_read_at(s->env, s->lock, text, sizeof text - 1, 0);
    long pid = strtol(text, NULL, 10);
    if (pid <= 0) return error_tell(EAGAIN, "another process works in %s", s->dir.text);
    return error_tell(EAGAIN, "process %ld works in %s", pid, s->dir.text);
}

static int take_lock(struct store *s) {
    char text[24];
    path_in(s, "LOCK", &s->lock_path);
    if (env_open(s->env, s->lock_path.text, ENV_OPEN_UPDATE, &s->lock)) return -1;
    int failed = env_lock(s->env, s->lock);
    if (failed && error_number() == EAGAIN) failed = locked_by_another(s);
    int size = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (!failed) failed = env_truncate(s->env, s->lock, 0);
    if (!failed) failed = env_write_all(s->env, s->lock, text, (u64)size);
    if (failed) {
        env_close(s->env, s->lock);
        return -1;
    }
    s->locked = true;
    return 0;
}

static int open_for_writing(struct store *s, bool create) {
    struct path snapshots;
    path_in(s, "snapshots", &snapshots);
    if (create && make_folders(s->env, s->dir.text)) return -1;
    if (!create) {
        struct env_file there;
        if (env_open(s->env, s->dir.text, ENV_OPEN_READ, &there)) return -1;
        env_close(s->env, there);
    }
    if (take_lock(s) || make_folders(s->env, snapshots.text)) return -1;
    env_point(s->env, "state folder made");
    if (find_job(s) || find_snapshots(s)) return -1;
    sweep_unnamed(s); /* what it cannot remove does no harm */
    error_clear();
    return 0;
}

static struct store *store_make(struct env *env, const char *dir) {
    if (strlen(dir) + 64 > sizeof((struct path *)0)->text || !*dir) {
        error_set(*dir ? ENAMETOOLONG : ENOENT, "open state folder %s", dir);
        return NULL;
    }
    struct store *s = calloc(1, sizeof *s);
    ENSURE(s);
    s->env = env;
    s->retained = SNAPSHOT_RETAINED;
    path_put(&s->dir, "%s", dir);
    for (size_t end = strlen(s->dir.text); end > 1 && s->dir.text[end - 1] == '/';)
        s->dir.text[--end] = 0;
    return s;
}

static struct store *opened(struct store *s, const char *dir, int failed) {
    if (!failed) return s;
    error_add("state folder %s", dir);
    store_close(s);
    return NULL;
}

struct store *store_open(struct env *env, const char *dir, bool create) {
    struct store *s = store_make(env, dir);
    return s ? opened(s, dir, open_for_writing(s, create)) : NULL;
}

struct store *store_open_copy(struct env *env, const char *dir, const struct job_id *job) {
    struct store *s = store_make(env, dir);
    if (!s) return NULL;
    s->job = *job;
    s->job_given = true;
    return opened(s, dir, open_for_writing(s, true));
}

struct store *store_open_read(struct env *env, const char *dir) {
    struct store *s = store_make(env, dir);
    return s ? opened(s, dir, find_job(s) || find_snapshots(s)) : NULL;
}

void store_close(struct store *s) {
    ENSURE(!s->writing);
    while (s->entry_count) entry_remove(s, &s->entries[s->entry_count - 1]);
    free(s->entries);
    if (s->table) table_free(s->table);
    if (s->locked) env_close(s->env, s->lock);
    free(s);
}

const char *store_job(const struct store *s) {
    return s->job_text;
}

u32 store_count(const struct store *s) {
    return s->entry_count;
}

const struct snapshot_info *store_info(const struct store *s, u32 i) {
    ENSURE(i < s->entry_count);
    return &s->entries[i].info;
}

u64 store_newest(const struct store *s) {
    return s->entry_count ? s->entries[s->entry_count - 1].info.number : 0;
}

u64 store_next(const struct store *s) {
    return s->next;
}

void store_retain(struct store *s, u32 count) {
    ENSURE(count);
    s->retained = count;
}
