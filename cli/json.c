#include "cli/json.h"

#include "runtime/data/encode.h"

#include <string.h>

void json_put_text(struct text_buf *b, const char *text) {
    if (!text) {
        text_buf_str(b, "null");
        return;
    }
    struct out out;
    out_init(&out);
    out_json_text(&out, (struct str){ text, strlen(text) });
    text_buf_put(b, out.start, out_size(&out));
    out_fini(&out);
}
