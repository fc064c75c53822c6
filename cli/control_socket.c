/* Unix sockets in a folder. Their names have little room (108 bytes), folders may have long ones:
   so the folder is opened, and the name goes by way of its descriptor. */
#include "cli/control_socket.h"

#include "runtime/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "control"
#define NEW NAME ".new"

static int folder_open(const char *dir, const char *in, struct sockaddr_un *to) {
    int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return error_set(errno, "open %s", dir);
    *to = (struct sockaddr_un){ .sun_family = AF_UNIX };
    snprintf(to->sun_path, sizeof to->sun_path, "/proc/self/fd/%d/%s", folder, in);
    return folder;
}

/* It gets its name when it listens: who finds it is heard. */
int control_listen(const char *dir) {
    struct sockaddr_un name;
    int folder = folder_open(dir, NEW, &name);
    if (folder < 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool listens = fd >= 0 && (!unlinkat(folder, NEW, 0) || errno == ENOENT) && !fchmod(fd, 0600) &&
                   !bind(fd, (struct sockaddr *)&name, sizeof name) &&
                   !fchmodat(folder, NEW, 0600, 0) && !listen(fd, 8) &&
                   !renameat(folder, NEW, folder, NAME);
    if (!listens) {
        error_set(errno, "listen on %s/" NAME, dir);
        if (fd >= 0) close(fd);
        fd = -1;
    }
    close(folder);
    return fd;
}

void control_unlisten(const char *dir, int fd) {
    struct sockaddr_un name;
    close(fd);
    int folder = folder_open(dir, NAME, &name);
    if (folder < 0) return;
    unlinkat(folder, NAME, 0);
    close(folder);
}

int control_accept(int listening) {
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -1;
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) &&
        (peer.uid == geteuid() || peer.uid == 0))
        return fd;
    close(fd);
    return -1;
}

int control_connect(const char *dir) {
    struct sockaddr_un name;
    int folder = folder_open(dir, NAME, &name);
    if (folder < 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name)) {
        error_set(errno, "connect to %s/" NAME, dir);
        if (fd >= 0) close(fd);
        fd = -1;
    }
    close(folder);
    return fd;
}
