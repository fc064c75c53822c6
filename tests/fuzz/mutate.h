/* Texts that are almost jobs: pieces of real ones with bytes and words changed, lost, doubled and
   swapped. From a seed: the same seed gives the same texts. */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include "runtime/base/prng.h"
#include "runtime/base/text_buf.h"

/* A mutation of a piece of `from` in `to`, which is cleared first. */
void mutate(struct prng *prng, const char *from, size_t size, struct text_buf *to);

#endif
