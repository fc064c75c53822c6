/* Preloaded (LD_PRELOAD): the sync of a file or folder whose path has NOSYNC in it does nothing, as
   if the code had left it out. tests/crash/ext4.py must see that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int fd) {
    char link[64], path[4096];
    const char *out = getenv("NOSYNC");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = out ? readlink(link, path, sizeof path - 1) : -1;
    if (size >= 0) {
        path[size] = 0;
        if (strstr(path, out)) return 0;
    }
    return (int)syscall(SYS_fsync, fd);
}
