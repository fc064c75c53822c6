#include "runtime/base/atomic.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool membarrier(int command) {
    return syscall(SYS_membarrier, command, 0, 0) == 0;
}

bool barrier_everywhere(void) {
    if (LIKELY(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))) return true;
    /* A process has to say first that it will. */
    return errno == EPERM && membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
           membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}
