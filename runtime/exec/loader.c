#include "runtime/exec/loader.h"

#include "runtime/base/error.h"
#include "runtime/job.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A struct whose size differs would be read past its end: sizes are checked although the ABI number
 * should tell. */
static int check(const char *path, const struct job *job) {
    if (job->magic != JOB_MAGIC)
        return error_set(0, "%s is not a compiled job: its `millrace_job` has the wrong magic",
                         path);
    if (job->abi != JOB_ABI)
        return error_set(0, "%s was built for job ABI %u; this millrace has %u; build it again",
                         path, job->abi, JOB_ABI);
    const struct {
        const char *name;
        u64 built, here;
    } sizes[] = {
        { "chain", job->chain_bytes, sizeof(struct chain) },
        { "outlet", job->outlet_bytes, sizeof(struct outlet) },
        { "window", job->window_bytes, sizeof(struct window) },
    };
    for (u32 i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (sizes[i].built != sizes[i].here)
            return error_set(0,
                             "%s was built by another millrace (its struct %s has %lu bytes, here "
                             "%lu); build it again",
                             path, sizes[i].name, sizes[i].built, sizes[i].here);
    return 0;
}

/* The table of sections is what a linker writes last. A file that ends before it would be a SIGBUS
   in dlopen; what is no ELF file at all dlopen tells. */
static int check_whole(const char *path) {
    Elf64_Ehdr head;
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(errno, "open the compiled job %s", path);
    bool is_elf = fread(&head, sizeof head, 1, file) == 1 && !memcmp(head.e_ident, ELFMAG, SELFMAG);
    u64 size = fseek(file, 0, SEEK_END) ? 0 : (u64)ftell(file);
    fclose(file);
    if (is_elf && size < head.e_shoff + (u64)head.e_shnum * head.e_shentsize)
        return error_set(0, "the compiled job %s is cut off; build it again", path);
    return 0;
}

int loader_open(const char *path, struct loaded_job *out) {
    char here[4096];
    if (!strchr(path, '/')) { /* a bare name would be looked for among the system's libraries */
        snprintf(here, sizeof here, "./%s", path);
        path = here;
    }
    if (check_whole(path)) return -1;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return error_set(0, "open the compiled job: %s", dlerror());
    const struct job *job = dlsym(library, "millrace_job");
    int failed = job ? check(path, job)
                     : error_set(0, "%s is not a compiled job: it has no `millrace_job`", path);
    if (failed) {
        dlclose(library);
        return -1;
    }
    *out = (struct loaded_job){ job, library };
    return 0;
}

void loader_close(struct loaded_job *loaded) {
    dlclose(loaded->library);
    *loaded = (struct loaded_job){ 0 };
}
