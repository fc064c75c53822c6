/* Our own bugs stop the program where they are found. ENSURE is always compiled in: a wrong engine
   must not go on. The world's failures (a missing file, a full disk) are not bugs; they go through
   error.h. */
#ifndef RUNTIME_BASE_ENSURE_H
#define RUNTIME_BASE_ENSURE_H

#define ENSURE(cond)                                                                               \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0)) ensure_failed(#cond, __FILE__, __LINE__);                \
    } while (0)

/* Prints the condition and its place, then aborts. Any thread. */
_Noreturn void ensure_failed(const char *what, const char *file, int line)
    __attribute__((cold, noinline));

#endif
