#include "runtime/base/ensure.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static i64 clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (i64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static i64 real_wall_ns(void *self) {
    return clock_ns(CLOCK_REALTIME);
}

static i64 real_mono_ns(void *self) {
    return clock_ns(CLOCK_MONOTONIC);
}

static void real_sleep_ns(void *self, i64 ns) {
    nanosleep(&(struct timespec){ ns / 1000000000, ns % 1000000000 }, NULL);
}

static void real_park(void *self, _Atomic u32 *word, u32 value, i64 timeout_ns) {
    struct timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
            timeout_ns == TIME_FOREVER ? NULL : &timeout, NULL, 0);
}

static void real_wake(void *self, _Atomic u32 *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static void *thread_main(void *arg) {
    struct env_thread *thread = arg;
    pthread_setname_np(pthread_self(), thread->name);
    thread->run(thread->arg);
    return NULL;
}

/* Signals from outside go to the main thread; those that an instruction raises, and the profiler's,
   to whom they happen. */
static int real_thread_start(void *self, struct env_thread *thread) {
    sigset_t outside, before;
    sigfillset(&outside);
    const int own[] = { SIGBUS, SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS, SIGPROF };
    for (u32 i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(&outside, own[i]);
    pthread_t handle;
    pthread_sigmask(SIG_SETMASK, &outside, &before);
    int failed = pthread_create(&handle, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) return error_set(failed, "start thread %s", thread->name);
    thread->handle = handle;
    return 0;
}

static void real_thread_join(void *self, struct env_thread *thread) {
    ENSURE(pthread_join(thread->handle, NULL) == 0);
}

static u64 real_random(void *self) {
    u64 number;
    ENSURE(getrandom(&number, sizeof number, 0) == sizeof number);
    return number;
}

struct env env_real(void) {
    static const struct env_ops ops = {
        .wall_ns = real_wall_ns,
        .mono_ns = real_mono_ns,
        .sleep_ns = real_sleep_ns,
        .park = real_park,
        .wake = real_wake,
        .thread_start = real_thread_start,
        .thread_join = real_thread_join,
        .random = real_random,
    };
    return (struct env){ .ops = &ops };
}
