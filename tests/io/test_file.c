/* Files and sequences that are gone back to: from any morsel the rest is the same, and what is not
   the file that was read is refused. */
#include "io/connector.h"
#include "runtime/base/budget.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    struct env env;
    const struct source_ops *ops;
    struct source_spec spec;
    struct bound_option options[2];
    struct budget budget;
    char folder[32], path[64];
    void *source;
};

static void put_file(const char *path, const void *bytes, u64 size) {
    FILE *file = fopen(path, "w");
    CHECK_EQ(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void fixture_init(struct fixture *f, const char *format, const void *bytes, u64 size) {
    memset(f, 0, sizeof *f);
    f->env = env_real();
    f->ops = connector_find("file")->source;
    strcpy(f->folder, "file-test-XXXXXX");
    CHECK(mkdtemp(f->folder) != NULL);
    snprintf(f->path, sizeof f->path, "%s/in", f->folder);
    put_file(f->path, bytes, size);
    f->budget.limit = 1 << 30;
    f->options[0] = (struct bound_option){ "path", f->path };
    f->options[1] = (struct bound_option){ "preload", "false" };
    f->spec = (struct source_spec){ .name = "s",
                                    .format = format,
                                    .options = f->options,
                                    .option_count = 2,
                                    .delimiter = ',',
                                    .morsel_bytes = 1,
                                    .budget = &f->budget };
}

static bool begin(struct fixture *f) {
    f->source = f->ops->open(&f->env, &f->spec);
    return CHECK(f->source);
}

static void end(struct fixture *f) {
    f->ops->close(f->source);
    f->source = NULL;
}

static void fixture_fini(struct fixture *f) {
    unlink(f->path);
    rmdir(f->folder);
}

/* Takes extents until there is no more, or as many: their bytes. */
static u64 read_some(struct fixture *f, u64 extents, u8 *into) {
    enum source_answer answer = SOURCE_EXTENT;
    u64 size = 0;
    while (answer == SOURCE_EXTENT && extents--) {
        struct extent x;
        answer = f->ops->extent(f->source, &x);
        CHECK(answer == SOURCE_EXTENT || answer == SOURCE_LAST);
        memcpy(into + size, x.at, x.size);
        size += x.size;
        f->ops->release(f->source, &x);
    }
    return size;
}

/* From every morsel on, the rest is that of a run without a stop. */
static void check_every_morsel(struct fixture *f) {
    u8 whole[4096], got[4096];
    if (!begin(f)) return;
    u64 size = read_some(f, UINT64_MAX, whole);
    end(f);
    for (u64 morsels = 0;; morsels++) {
        struct pack saved;
        pack_init(&saved);
        begin(f);
        u64 had = read_some(f, morsels, got);
        f->ops->save(f->source, &saved);
        end(f);
        begin(f);
        struct unpack from = unpack_of(saved.at, saved.size);
        CHECK_EQ(f->ops->seek(f->source, &from), 0);
        CHECK(unpack_is_done(&from));
        if (had < size) had += read_some(f, UINT64_MAX, got + had);
        CHECK_EQ(had, size);
        CHECK(!memcmp(got, whole, size));
        end(f);
        for (u64 cut = 0; cut < saved.size; cut++) {
            begin(f);
            from = unpack_of(saved.at, cut);
            CHECK_EQ(f->ops->seek(f->source, &from), -1);
            end(f);
        }
        pack_fini(&saved);
        if (morsels > 12) break;
    }
}

static void a_file_goes_on_from_every_morsel(void) {
    static const char text[] = "\xef\xbb\xbf"
                               "a,b\n1,2\n3,\"x\ny\"\n5,6\n7,8\n9,10";
    for (u32 i = 0; i < 8; i++) {
        struct fixture f;
        fixture_init(&f, i % 2 ? "csv" : "lines", text, sizeof text - 1);
        f.spec.header = i % 2 && i > 2;
        f.spec.morsel_bytes = i > 5 ? 9 : 1;
        f.options[1].text = i % 4 > 1 ? "true" : "false";
        check_every_morsel(&f);
        fixture_fini(&f);
    }
}

static void binary_rows_go_on_too(void) {
    struct fixture f;
    fixture_init(&f, "binary", "aaaabbbbccccddddeee", 19);
    f.spec.row_bytes = 4;
    check_every_morsel(&f);
    fixture_fini(&f);
}

static void an_empty_file_is_a_file(void) {
    struct fixture f;
    fixture_init(&f, "lines", "", 0);
    check_every_morsel(&f);
    fixture_fini(&f);
}

/* The file of 100,000 lines of 10 bytes; saved behind `lines` of them. */
static void save_behind(struct fixture *f, char **text, u64 lines, struct pack *saved) {
    *text = malloc(1000001);
    for (u32 i = 0; i < 100000; i++) sprintf(*text + 10 * (u64)i, "%09u\n", i);
    fixture_init(f, "lines", *text, 1000000);
    pack_init(saved);
    begin(f);
    u8 *got = malloc(1000000);
    CHECK_EQ(read_some(f, lines, got), 10 * lines);
    free(got);
    f->ops->save(f->source, saved);
    end(f);
}

static int seek_again(struct fixture *f, const struct pack *saved) {
    struct unpack from = unpack_of(saved->at, saved->size);
    begin(f);
    int status = f->ops->seek(f->source, &from);
    return status;
}

static void another_file_is_refused_and_one_that_has_grown_is_not(void) {
    struct fixture f;
    struct pack saved;
    struct extent x;
    char *text;
    save_behind(&f, &text, 50000, &saved);

    FILE *file = fopen(f.path, "a");
    fputs("more\n", file);
    fclose(file);
    CHECK_EQ(seek_again(&f, &saved), 0);
    CHECK_EQ(f.ops->extent(f.source, &x), SOURCE_EXTENT);
    CHECK(!memcmp(x.at, "000050000\n", 10));
    CHECK_EQ(f.ops->line_of(f.source, x.offset), 50001);
    f.ops->release(f.source, &x);
    end(&f);

    /* A copy is as good: another inode, and what comes is other text. */
    unlink(f.path);
    put_file(f.path, text, 500000);
    CHECK_EQ(seek_again(&f, &saved), 0);
    CHECK_EQ(f.ops->extent(f.source, &x), SOURCE_LAST);
    CHECK_EQ(x.size, 0);
    end(&f);

    put_file(f.path, text, 499999);
    CHECK_EQ(seek_again(&f, &saved), -1);
    CHECK(strstr(error_text(), "has 499999 bytes, and 500000 had been read"));
    end(&f);

    static const u64 changes[] = { 0, 65535, 500000 - 4096, 499999 };
    for (u32 i = 0; i < sizeof changes / sizeof *changes; i++) {
        text[changes[i]] ^= 1;
        put_file(f.path, text, 1000000);
        CHECK_EQ(seek_again(&f, &saved), -1);
        CHECK(strstr(error_text(), "does not hold what had been read"));
        CHECK(strstr(error_text(), f.path));
        end(&f);
        text[changes[i]] ^= 1;
    }
    pack_fini(&saved);
    free(text);
    fixture_fini(&f);
}

static void a_file_that_became_a_pipe_is_refused(void) {
    struct fixture f;
    struct pack saved;
    char *text;
    save_behind(&f, &text, 10, &saved);
    unlink(f.path);
    CHECK_EQ(mkfifo(f.path, 0600), 0);
    FILE *writer = fopen(f.path, "r+");
    CHECK_EQ(seek_again(&f, &saved), -1);
    CHECK(strstr(error_text(), "no regular file"));
    CHECK(!f.ops->replays(f.source));
    end(&f);
    fclose(writer);
    pack_fini(&saved);
    free(text);
    fixture_fini(&f);
}

static void a_sequence_goes_on(void) {
    struct env env = env_real();
    const struct source_ops *ops = connector_find("sequence")->source;
    struct bound_option options[] = { { "total", "100" } };
    struct source_spec spec = {
        .name = "s", .options = options, .option_count = 1, .morsel_bytes = 640
    };
    struct extent x;
    struct pack saved;
    pack_init(&saved);
    void *source = ops->open(&env, &spec);
    CHECK_EQ(ops->extent(source, &x), SOURCE_EXTENT);
    ops->save(source, &saved);
    ops->close(source);
    source = ops->open(&env, &spec);
    struct unpack from = unpack_of(saved.at, saved.size);
    CHECK_EQ(ops->seek(source, &from), 0);
    CHECK_EQ(ops->extent(source, &x), SOURCE_EXTENT);
    CHECK_EQ(x.offset, 10);
    CHECK_EQ(x.rows, 10);
    ops->close(source);
    options[0].text = "9";
    source = ops->open(&env, &spec);
    from = unpack_of(saved.at, saved.size);
    CHECK_EQ(ops->seek(source, &from), -1);
    CHECK(strstr(error_text(), "has 9 rows, and 10 had been made"));
    ops->close(source);
    pack_fini(&saved);
}

static const struct test tests[] = {
    TEST(a_file_goes_on_from_every_morsel),
    TEST(binary_rows_go_on_too),
    TEST(an_empty_file_is_a_file),
    TEST(another_file_is_refused_and_one_that_has_grown_is_not),
    TEST(a_file_that_became_a_pipe_is_refused),
    TEST(a_sequence_goes_on),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("file", tests, argc, argv);
}
