/* What is told of tests: lines for people, XML for whoever collects results. */
#include "cli/test.h"

#include "dsl/diag.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void test_told(const struct test_result *r, struct text_buf *to) {
    text_buf_printf(to, "%-6s  ", r->passed ? "ok" : "FAILED");
    diag_text_print(r->title.at, to);
    if (r->way) text_buf_printf(to, " (%s)", r->way);
    text_buf_str(to, "\n");
    if (r->told) text_buf_str(to, r->told);
}

/* XML has no way at all to write most control characters, and two others: texts are valid UTF-8. */
static void put_xml(struct text_buf *to, const char *at, size_t size, bool attribute) {
    static const char replacement[] = "\xEF\xBF\xBD";
    for (size_t i = 0; i < size; i++) {
        u8 byte = (u8)at[i];
        bool none = i + 2 < size && byte == 0xEF && (u8)at[i + 1] == 0xBF && (u8)at[i + 2] >= 0xBE;
        if (byte == '&')
            text_buf_str(to, "&amp;");
        else if (byte == '<')
            text_buf_str(to, "&lt;");
        else if (byte == '>')
            text_buf_str(to, "&gt;");
        else if (byte == '"')
            text_buf_str(to, "&quot;");
        else if (attribute && (byte == '\n' || byte == '\t'))
            text_buf_printf(to, "&#%u;", byte);
        else if (none || (byte < 0x20 && byte != '\n' && byte != '\t'))
            text_buf_str(to, replacement);
        else
            text_buf_put(to, at + i, 1);
        if (none) i += 2;
    }
}

static void put_attribute(struct text_buf *to, const char *name, const char *at, size_t size) {
    text_buf_printf(to, " %s=\"", name);
    put_xml(to, at, size, true);
    text_buf_str(to, "\"");
}

static void put_case(struct text_buf *to, const struct test_result *r) {
    text_buf_str(to, "    <testcase");
    put_attribute(to, "classname", r->path, strlen(r->path));
    put_attribute(to, "name", r->title.at, r->title.size);
    text_buf_printf(to, " time=\"%.3f\"", r->seconds);
    if (r->passed) {
        text_buf_str(to, "/>\n");
        return;
    }
    text_buf_str(to, ">\n      <failure");
    const char *way = r->way ? r->way : "not compiled";
    put_attribute(to, "message", way, strlen(way));
    text_buf_str(to, ">");
    put_xml(to, r->told, strlen(r->told), false);
    text_buf_str(to, "</failure>\n    </testcase>\n");
}

/* A file is a suite. */
static u32 put_suite(struct text_buf *to, const struct test_result *results, u32 count) {
    u32 n = 0, failed = 0;
    double seconds = 0;
    for (; n < count && !strcmp(results[n].path, results[0].path); n++) {
        failed += !results[n].passed;
        seconds += results[n].seconds;
    }
    text_buf_str(to, "  <testsuite");
    put_attribute(to, "name", results[0].path, strlen(results[0].path));
    text_buf_printf(to, " tests=\"%u\" failures=\"%u\" errors=\"0\" time=\"%.3f\">\n", n, failed,
                    seconds);
    for (u32 i = 0; i < n; i++) put_case(to, &results[i]);
    text_buf_str(to, "  </testsuite>\n");
    return n;
}

int test_junit(const char *path, const struct test_result *results, u32 count) {
    struct text_buf xml;
    text_buf_init(&xml);
    text_buf_str(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (u32 i = 0; i < count;) i += put_suite(&xml, &results[i], count - i);
    text_buf_str(&xml, "</testsuites>\n");
    FILE *file = fopen(path, "w");
    bool written = file && fwrite(xml.at, 1, xml.size, file) == xml.size;
    if (file && fclose(file)) written = false;
    text_buf_fini(&xml);
    return written ? 0 : error_set(errno, "write %s", path);
}
