/* Regular expressions: PCRE2 with its JIT, UTF mode, ASCII \w \d \s. A pattern is compiled once and
   shared; matching needs room of its own, one for each chain. Subjects are valid UTF-8. Matching is
   bounded: where PCRE2 gives up (its limits of steps and memory), the text counts as not matching.
   A repeated character class needs none of this: split.h. */
#ifndef RUNTIME_DATA_REGEX_H
#define RUNTIME_DATA_REGEX_H

#include "runtime/base/base.h"
#include "runtime/data/scratch.h"

struct regex;       /* the compiled pattern: immutable */
struct regex_match; /* room for one match at a time: one thread */

/* A pattern with a chain's room for it. */
struct regex_use {
    const struct regex *regex;
    struct regex_match *match;
};

#define REGEX_ERROR_ROOM 160u

/* Null if the pattern is wrong: *error_at is the offset in it, error (REGEX_ERROR_ROOM bytes) says
 * why. */
struct regex *regex_compile(const char *pattern, u64 size, u64 *error_at, char *error);
void regex_free(struct regex *r);
u32 regex_groups(const struct regex *r); /* capturing ones; group 0, the whole, not counted */

struct regex_match *regex_match_new(const struct regex *r);
void regex_match_free(struct regex_match *m);

/* Matches somewhere in the text. */
bool regex_like(const struct regex_use *use, struct str s);
/* The first match's group; false if nothing matches or the group took no part in it. */
bool regex_extract(const struct regex_use *use, struct str s, u32 group, struct str *out);

/* Every match, from the left, replaced by `with`: `$0` to `$9` in it are groups (none: nothing),
   `$$` is a dollar, another `$` stands for itself. An empty match counts, but not behind another
   empty one. The result may lie in the scratch. */
struct str regex_replace(const struct regex_use *use, struct str s, struct str with,
                         struct scratch *scratch);

/* The pieces between matches, as Python's re.split gives them (without groups): an empty match
   separates too, but not right after another empty one. */
struct regex_split {
    const struct regex_use *use;
    struct str s;
    u64 piece, from; /* where the piece at hand starts; where the search goes on */
    bool after_empty, ended;
};

ALWAYS_INLINE void regex_split_begin(struct regex_split *it, struct str s,
                                     const struct regex_use *use) {
    *it = (struct regex_split){ .use = use, .s = s };
}
bool regex_split_next(struct regex_split *it, struct str *piece);

#endif
