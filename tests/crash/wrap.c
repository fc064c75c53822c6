/* The program with a hook in its world (--wrap=env_real): at the nth call on a file, or place in
   the code (env_point), it is killed, or that call and perhaps all later ones fail.

       CRASH_KILL=N         SIGKILL instead of call N (from 0)
       CRASH_FAIL=N:ERRNO   call N answers with the error; N:ERRNO:ever: all from N on
       CRASH_COUNT=FILE     at its end the program writes how many calls there were */
#include "runtime/base/env.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct env __real_env_real(void);
struct env __wrap_env_real(void);

static _Atomic u64 calls;
static u64 kill_at = UINT64_MAX, fail_at = UINT64_MAX;
static int fail_errno;
static bool fail_ever;

static void write_count(void) {
    FILE *f = fopen(getenv("CRASH_COUNT"), "w");
    if (!f) return;
    fprintf(f, "%lu\n", atomic_load(&calls));
    fclose(f);
}

static void read_orders(void) {
    const char *text = getenv("CRASH_KILL");
    if (text) kill_at = strtoull(text, NULL, 10);
    if ((text = getenv("CRASH_FAIL"))) {
        char *end;
        fail_at = strtoull(text, &end, 10);
        fail_errno = *end ? (int)strtol(end + 1, &end, 10) : 5;
        fail_ever = *end == ':';
    }
    if (getenv("CRASH_COUNT")) atexit(write_count);
}

static int fault(void *self, enum env_call call, const char *name) {
    u64 n = atomic_fetch_add(&calls, 1);
    if (n == kill_at) {
        kill(getpid(), SIGKILL);
        pause();
    }
    return n == fail_at || (fail_ever && n > fail_at) ? fail_errno : 0;
}

struct env __wrap_env_real(void) {
    static struct env_ops ops;
    static bool begun;
    struct env env = __real_env_real();
    if (!begun) {
        begun = true;
        read_orders();
        ops = *env.ops;
        ops.fault = fault;
    }
    env.ops = &ops;
    return env;
}
