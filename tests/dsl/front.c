#include "tests/dsl/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

void front_open_bytes(struct front *f, const char *bytes, size_t size) {
    arena_init(&f->arena);
    text_buf_init(&f->out);
    parse_init(&f->parse, &f->arena);
    parse_memory(&f->parse, "job.flow", bytes, size);
}

void front_open(struct front *f, const char *text) {
    front_open_bytes(f, text, strlen(text));
}

void front_open_file(struct front *f, const char *path) {
    arena_init(&f->arena);
    text_buf_init(&f->out);
    parse_init(&f->parse, &f->arena);
    CHECK_EQ(parse_file(&f->parse, path), 0);
}

void front_close(struct front *f) {
    text_buf_fini(&f->out);
    arena_fini(&f->arena);
}

const char *front_diags(struct front *f, enum diag_style style) {
    text_buf_clear(&f->out);
    diag_print(&f->parse.diags, &f->parse.texts, style, &f->out);
    return f->out.at ? f->out.at : "";
}

const char *front_ast(struct front *f) {
    text_buf_clear(&f->out);
    ast_print(f->parse.files[0], &f->out);
    return f->out.at ? f->out.at : "";
}

char *front_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t room = 1 << 20;
    char *bytes = malloc(room);
    *size = fread(bytes, 1, room - 1, file);
    bytes[*size] = 0;
    fclose(file);
    return bytes;
}

void front_expect(const char *name, const char *got) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", FLOW_DIR, name);
    if (getenv("MILLRACE_UPDATE")) {
        FILE *file = fopen(path, "wb");
        if (!CHECK(file)) return;
        fputs(got, file);
        fclose(file);
    }
    size_t size;
    char *want = front_read(path, &size);
    if (CHECK(want)) CHECK_STR(got, want);
    free(want);
}
