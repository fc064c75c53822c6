/* Mapped files and big memory.

   A file that shrinks while it is mapped turns reads into SIGBUS. Which file it was, only the
   handler can tell, and a handler gets no argument but the address. So this file has the one
   mutable table of the process besides the error trail: the guarded mappings. The handler reads it
   without locks; it never meets its own entry half written, since the mapping it came from is
   complete. */
#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARDS 1024
#define NO_GUARD UINT32_MAX
#define HUGE_BYTES ((u64)2 << 20)

static struct {
    pthread_once_t once;
    struct guard {
        _Atomic u32 taken;
        _Atomic u64 start, end; /* end is 0 while the entry is not complete */
        char name[200];
    } guard[GUARDS];
} guards = { .once = PTHREAD_ONCE_INIT };

static u64 page_round(u64 size) {
    u64 page = (u64)sysconf(_SC_PAGESIZE);
    return (size + page - 1) & ~(page - 1);
}

/* All that a handler may do: no stdio. */
static void say(const char *text) {
    (void)!write(2, text, strlen(text));
}

static void on_sigbus(int number, siginfo_t *info, void *context) {
    u64 at = (u64)(uintptr_t)info->si_addr;
    for (u32 i = 0; i < GUARDS && info->si_code > 0; i++) { /* sent by hand: no address */
        struct guard *guard = &guards.guard[i];
        if (at >= atomic_load(&guard->end) || at < atomic_load(&guard->start)) continue;
        say("millrace: ");
        say(guard->name);
        say(" shrank while it was read; run again when nobody writes to it\n");
        _exit(1);
    }
    /* Not ours: the default action, once this handler has returned. */
    signal(SIGBUS, SIG_DFL);
    raise(SIGBUS);
}

static void handler_install(void) {
    struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigemptyset(&action.sa_mask);
    ENSURE(sigaction(SIGBUS, &action, NULL) == 0);
}

static u32 guard_add(const u8 *at, u64 size, const char *name) {
    pthread_once(&guards.once, handler_install);
    for (u32 i = 0; i < GUARDS; i++) {
        struct guard *guard = &guards.guard[i];
        if (atomic_exchange(&guard->taken, 1)) continue;
        snprintf(guard->name, sizeof guard->name, "%s", name);
        atomic_store(&guard->start, (u64)(uintptr_t)at);
        atomic_store(&guard->end, (u64)(uintptr_t)at + size);
        return i;
    }
    return NO_GUARD;
}

static void guard_remove(u32 number) {
    atomic_store(&guards.guard[number].end, 0);
    atomic_store(&guards.guard[number].taken, 0);
}

int env_map_file(struct env *env, struct env_file file, u64 size, struct env_map *out) {
    u64 page = page_round(1), whole = page_round(size);
    *out = (struct env_map){ .size = size,
                             .reserved_bytes = page + whole + page_round(ENV_MAP_AFTER) };
    int failed = env->ops->fault ? env->ops->fault(env->self, ENV_CALL_MAP, file.name) : 0;
    if (failed) return error_set(failed, "map %s", file.name);
    /* Zero pages all around: one before, one behind the page of the last byte. */
    out->reserved = mmap(NULL, out->reserved_bytes, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (out->reserved == MAP_FAILED) return error_set(errno, "map %s", file.name);
    out->at = out->reserved + page;
    out->guard = NO_GUARD;
    if (!size) return 0;
    if (mmap((void *)out->at, size, PROT_READ, MAP_SHARED | MAP_FIXED, file.fd, 0) == MAP_FAILED) {
        failed = errno;
        munmap(out->reserved, out->reserved_bytes);
        return error_set(failed, "map %s", file.name);
    }
    out->guard = guard_add(out->at, whole, file.name);
    if (out->guard == NO_GUARD) {
        munmap(out->reserved, out->reserved_bytes);
        return error_set(0, "map %s: more than %d files are mapped", file.name, GUARDS);
    }
    return 0;
}

void env_unmap(struct env_map *map) {
    if (map->guard != NO_GUARD) guard_remove(map->guard);
    ENSURE(munmap(map->reserved, map->reserved_bytes) == 0);
    *map = (struct env_map){ .guard = NO_GUARD };
}

void env_map_done(const struct env_map *map, u64 from, u64 size) {
    u64 page = page_round(1), first = page_round(from), end = (from + size) & ~(page - 1);
    if (first < end) madvise((void *)(map->at + first), end - first, MADV_DONTNEED);
}

void *env_huge_alloc(u64 size) {
    u64 bytes = (size + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
    u8 *wide =
        mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (wide == MAP_FAILED) {
        error_set(errno, "allocate %llu bytes", (unsigned long long)size);
        return NULL;
    }
    u8 *at = (u8 *)(((uintptr_t)wide + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1));
    if (at > wide) munmap(wide, (size_t)(at - wide));
    if (at + bytes < wide + bytes + HUGE_BYTES)
        munmap(at + bytes, (size_t)(wide + HUGE_BYTES - at));
    madvise(at, bytes, MADV_HUGEPAGE); /* a wish: small pages serve too */
    return at;
}

void env_huge_free(void *at, u64 size) {
    ENSURE(munmap(at, (size + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1)) == 0);
}

void *env_reserve(u64 size) {
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1, 0);
    if (at != MAP_FAILED) return at;
    error_set(errno, "reserve %llu bytes of addresses", (unsigned long long)size);
    return NULL;
}

void env_unreserve(void *at, u64 size) {
    ENSURE(munmap(at, size) == 0);
}
