/* JSON as the program writes it: figures, events, answers. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "runtime/base/text_buf.h"

/* A text with its quotes. Null is null. */
void json_put_text(struct text_buf *b, const char *text);

#endif
