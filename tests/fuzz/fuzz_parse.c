/* libFuzzer: any bytes as a job. meson setup build-fuzz -Dfuzz=true with CC=clang, then
   build-fuzz/tests/fuzz/fuzz_parse tests/dsl/parse/good tests/dsl/parse/bad */
#include "dsl/parse.h"

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size) {
    struct arena arena;
    arena_init(&arena);
    struct parse parse;
    parse_init(&parse, &arena);
    parse_memory(&parse, "/nowhere/job.flow", (const char *)bytes, size);
    struct text_buf out;
    text_buf_init(&out);
    diag_print(&parse.diags, &parse.texts, DIAG_PLAIN, &out);
    diag_print(&parse.diags, &parse.texts, DIAG_JSON, &out);
    ast_print(parse.files[0], &out);
    text_buf_fini(&out);
    arena_fini(&arena);
    return 0;
}
