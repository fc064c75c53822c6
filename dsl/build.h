/* From C text to a shared object: the system's C compiler in a child process, its answer kept in a
   cache by the hash of everything that it depends on: text, flags, compiler, and the headers of the
   runtime, so that a stale object is never found. */
#ifndef DSL_BUILD_H
#define DSL_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#define BUILD_PATH 4096

struct build {
    const char *include_root; /* the folder that holds runtime/job.h; null: the one known since
                                 configuring */
    bool portable;            /* for any machine of x86-64-v3, or of armv8-a, else for this one */
    bool debug;               /* with line tables: gdb, perf and sanitizers speak .flow */
    const char *flags;        /* more words for the compiler, or null */
    char path[BUILD_PATH];    /* answer: of the object, in the cache */
    bool cached;              /* answer: it was there */
    double seconds;           /* answer: that it took */
};

/* Compiles, or finds in the cache (build_cache.h). -1 with an error trail: no compiler, no room;
   what the compiler said. */
int build_job(const char *text, size_t size, struct build *build);

#endif
