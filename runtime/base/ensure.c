#include "runtime/base/ensure.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void ensure_failed(const char *what, const char *file, int line) {
    fprintf(stderr, "millrace: internal error: %s does not hold at %s:%d\n", what, file, line);
    abort();
}
