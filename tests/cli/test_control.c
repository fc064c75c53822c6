#include "cli/control.h"
#include "cli/control_socket.h"

#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND ((i64)1000000000)

/* ---- a job ---- */

struct fake {
    char dir[64];
    struct env env;
    struct control *control;
    u32 rounds; /* how often a savepoint is under way */
    u32 served;
    u32 stops;
    char arg[CONTROL_ARG];
};

static enum control_outcome fake_serve(void *self, struct control_call *call) {
    struct fake *f = self;
    f->served++;
    memcpy(f->arg, call->arg, sizeof f->arg);
    switch (call->request) {
    case CONTROL_STATUS:
        text_buf_str(&call->answer, "\"rows\":3");
        return CONTROL_DONE;
    case CONTROL_SAVEPOINT:
        text_buf_printf(&call->answer, "\"round\":%u", (u32)call->ticket);
        return call->ticket++ < f->rounds ? CONTROL_UNDER_WAY : CONTROL_DONE;
    case CONTROL_STOP:
        f->stops++;
        return CONTROL_UNDER_WAY;
    case CONTROL_DRAIN:
        error_set(EINVAL, "this job cannot");
        return CONTROL_REFUSED;
    case CONTROL_REQUESTS:
        break;
    }
    return CONTROL_REFUSED;
}

static void fake_open(struct fake *f) {
    *f = (struct fake){ .dir = "/tmp/millrace-control-XXXXXX", .env = env_real() };
    CHECK(mkdtemp(f->dir) != NULL);
    f->control = control_open(&f->env, f->dir, &(struct control_ops){ fake_serve, f });
    CHECK(f->control != NULL);
}

static void fake_close(struct fake *f) {
    control_close(f->control);
    CHECK(!rmdir(f->dir)); /* the socket is gone */
}

static void work(struct fake *f, i64 ns) {
    for (i64 end = env_mono_ns(&f->env) + ns; env_mono_ns(&f->env) < end;) {
        control_poll(f->control);
        env_sleep_ns(&f->env, 1000000);
    }
}

/* ---- clients by hand ---- */

static int say(const char *dir, const char *text) {
    int fd = control_connect(dir);
    CHECK(fd >= 0);
    struct timeval patience = { 10, 0 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) CHECK_EQ(errno, EPIPE); /* hung up on */
    return fd;
}

/* All that comes until the server hangs up, while the job works. */
static const char *all(struct fake *f, int fd, char *room, size_t size) {
    size_t n = 0;
    for (i64 end = env_mono_ns(&f->env) + 10 * SECOND; env_mono_ns(&f->env) < end;) {
        control_poll(f->control);
        ssize_t got = recv(fd, room + n, size - 1 - n, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) break;
        if (got > 0) n += (size_t)got;
        env_sleep_ns(&f->env, 500000);
    }
    room[n] = 0;
    close(fd);
    return room;
}

static const char *answer(struct fake *f, const char *text, char *room, size_t size) {
    return all(f, say(f->dir, text), room, size);
}

/* ---- what is asked is answered ---- */

static void what_is_asked_is_answered_in_a_line(void) {
    struct fake f;
    char room[4096];
    fake_open(&f);
    CHECK_STR(answer(&f, "status\n", room, sizeof room), "{\"ok\":true,\"rows\":3}\n");
    CHECK_STR(answer(&f, "savepoint /a b/c\n", room, sizeof room), "{\"ok\":true,\"round\":0}\n");
    CHECK_STR(f.arg, "/a b/c");
    CHECK_STR(answer(&f, "drain\n", room, sizeof room),
              "{\"ok\":false,\"error\":\"this job cannot: Invalid argument\"}\n");
    fake_close(&f);
}

static void what_takes_long_tells_how_far_it_is(void) {
    struct fake f;
    char room[4096];
    fake_open(&f);
    f.rounds = 900;
    const char *said = answer(&f, "savepoint\n", room, sizeof room);
    CHECK(!strncmp(said, "{\"progress\":true,\"round\":", 25));
    CHECK(strstr(said, "\n{\"ok\":true,\"round\":900}\n") != NULL);
    fake_close(&f);
}

static void the_end_of_the_job_answers_whoever_waits(void) {
    struct fake f;
    char room[4096];
    fake_open(&f);
    int fd = say(f.dir, "stop\n");
    while (!f.stops) work(&f, 1000000);
    fake_close(&f);
    ssize_t n = recv(fd, room, sizeof room - 1, MSG_WAITALL);
    room[n > 0 ? n : 0] = 0;
    CHECK(strstr(room, "\"error\":\"the job ended before this was done"));
    close(fd);
}

static void who_asked_for_the_end_is_hung_up_on_when_all_is_over(void) {
    struct fake f;
    char room[4096];
    fake_open(&f);
    int fd = say(f.dir, "stop\n");
    while (!f.stops) work(&f, 1000000);
    control_end(f.control);
    CHECK(recv(fd, room, sizeof room, MSG_DONTWAIT) > 0); /* the answer */
    CHECK(recv(fd, room, sizeof room, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    fake_close(&f);
    CHECK_EQ(recv(fd, room, sizeof room, MSG_DONTWAIT), 0);
    close(fd);
}

static void a_socket_that_a_dead_job_left_is_taken_over(void) {
    struct fake f;
    char room[4096];
    fake_open(&f);
    char path[128];
    struct stat info;
    snprintf(path, sizeof path, "%s/control", f.dir);
    CHECK(!stat(path, &info) && (info.st_mode & 0777) == 0600);
    struct control *again = control_open(&f.env, f.dir, &(struct control_ops){ fake_serve, &f });
    CHECK(again != NULL);
    control_close(f.control); /* takes the name away, as its job would have */
    CHECK(access(path, F_OK) == -1);
    f.control = again;
    control_close(f.control);
    f.control = control_open(&f.env, f.dir, &(struct control_ops){ fake_serve, &f });
    CHECK_STR(answer(&f, "status\n", room, sizeof room), "{\"ok\":true,\"rows\":3}\n");
    fake_close(&f);
}

static void nobody_listens_where_no_job_runs(void) {
    CHECK_EQ(control_connect("/tmp"), -1);
    CHECK_EQ(error_number(), ENOENT);
    CHECK_EQ(control_connect("there is no such folder"), -1);
    CHECK_EQ(error_number(), ENOENT);
}

static void folders_may_have_long_names(void) {
    struct fake f;
    char room[4096], dir[600] = "/tmp/millrace-control-XXXXXX";
    CHECK(mkdtemp(dir) != NULL);
    for (u32 i = 0; i < 2; i++) {
        size_t n = strlen(dir);
        dir[n] = '/';
        memset(dir + n + 1, 'x', 200);
        dir[n + 201] = 0;
        CHECK(!mkdir(dir, 0700));
    }
    f = (struct fake){ .env = env_real() };
    f.control = control_open(&f.env, dir, &(struct control_ops){ fake_serve, &f });
    if (CHECK(f.control != NULL)) {
        CHECK_STR(all(&f, say(dir, "status\n"), room, sizeof room), "{\"ok\":true,\"rows\":3}\n");
        control_close(f.control);
    }
    for (; strlen(dir) > 5; *strrchr(dir, '/') = 0) CHECK(!rmdir(dir));
}

/* ---- stuck and hostile clients ---- */

static void nonsense_is_refused(void) {
    struct fake f;
    char room[4096];
    static const char *const lines[] = { "\n", "stat\n", "statuss\n", " status\n",
                                         "GET / HTTP/1.1\n" };
    fake_open(&f);
    for (u32 i = 0; i < sizeof lines / sizeof *lines; i++)
        CHECK(!strncmp(answer(&f, lines[i], room, sizeof room), "{\"ok\":false", 11));
    int fd = control_connect(f.dir);
    CHECK(send(fd, "sta\0tus\n", 8, MSG_NOSIGNAL) == 8);
    CHECK(!strncmp(all(&f, fd, room, sizeof room), "{\"ok\":false", 11));
    CHECK_EQ(f.served, 0);
    fake_close(&f);
}

static void a_line_without_end_is_cut_off(void) {
    struct fake f;
    char room[4096], line[6000];
    fake_open(&f);
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = 0;
    const char *said = answer(&f, line, room, sizeof room);
    CHECK(!*said || strstr(said, "too long")); /* it is hung up on with bytes unread */
    memcpy(line, "savepoint ", 10); /* as long as a line may be, and its argument too long */
    strcpy(line + CONTROL_ARG + 12, "\n");
    CHECK(!strncmp(answer(&f, line, room, sizeof room), "{\"ok\":false", 11));
    CHECK_EQ(f.served, 0);
    fake_close(&f);
}

static void silent_clients_are_hung_up_on_and_the_others_served_meanwhile(void) {
    struct fake f;
    char room[4096];
    int silent[12];
    fake_open(&f);
    for (u32 i = 0; i < 12; i++) silent[i] = say(f.dir, i % 2 ? "" : "sta");
    i64 start = env_mono_ns(&f.env);
    CHECK_STR(answer(&f, "status\n", room, sizeof room), "{\"ok\":true,\"rows\":3}\n");
    CHECK(env_mono_ns(&f.env) - start < SECOND);
    for (u32 i = 0; i < 12; i++) CHECK_STR(all(&f, silent[i], room, sizeof room), "");
    fake_close(&f);
}

static void clients_beyond_the_lines_there_are_wait_for_nothing(void) {
    struct fake f;
    char room[4096];
    int silent[20];
    fake_open(&f);
    for (u32 i = 0; i < 20; i++) silent[i] = say(f.dir, "");
    work(&f, SECOND / 5);
    const char *said = answer(&f, "status\n", room, sizeof room);
    CHECK(!*said); /* hung up on at once */
    for (u32 i = 0; i < 20; i++) close(silent[i]);
    work(&f, SECOND / 5);
    CHECK_STR(answer(&f, "status\n", room, sizeof room), "{\"ok\":true,\"rows\":3}\n");
    fake_close(&f);
}

static void a_client_that_leaves_or_never_reads_holds_nothing_up(void) {
    struct fake f;
    char room[4096];
    fake_open(&f);
    f.rounds = 300;
    close(say(f.dir, "savepoint\n"));
    int deaf = say(f.dir, "savepoint\n");
    work(&f, SECOND / 2);
    CHECK_STR(answer(&f, "status\n", room, sizeof room), "{\"ok\":true,\"rows\":3}\n");
    i64 start = env_mono_ns(&f.env);
    fake_close(&f);
    CHECK(env_mono_ns(&f.env) - start < 3 * SECOND);
    close(deaf);
}

static void the_end_waits_for_no_silent_client(void) {
    struct fake f;
    fake_open(&f);
    int silent = say(f.dir, "stat");
    work(&f, SECOND / 10);
    i64 start = env_mono_ns(&f.env);
    fake_close(&f);
    CHECK(env_mono_ns(&f.env) - start < SECOND / 2);
    close(silent);
}

/* Even where the folder and the socket would let them in. Only root can try. */
static void other_users_are_hung_up_on(void) {
    if (geteuid()) return;
    struct fake f;
    char path[128];
    fake_open(&f);
    snprintf(path, sizeof path, "%s/control", f.dir);
    CHECK(!chmod(f.dir, 0755) && !chmod(path, 0666));
    pid_t child = fork();
    if (!child) {
        char c;
        if (setuid(65534)) _exit(2);
        int fd = control_connect(f.dir);
        if (fd < 0) _exit(3);
        (void)!send(fd, "status\n", 7, MSG_NOSIGNAL);
        _exit(recv(fd, &c, 1, 0) == 1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_EQ(f.served, 0);
    fake_close(&f);
}

static const struct test tests[] = {
    TEST(what_is_asked_is_answered_in_a_line),
    TEST(what_takes_long_tells_how_far_it_is),
    TEST(the_end_of_the_job_answers_whoever_waits),
    TEST(who_asked_for_the_end_is_hung_up_on_when_all_is_over),
    TEST(a_socket_that_a_dead_job_left_is_taken_over),
    TEST(nobody_listens_where_no_job_runs),
    TEST(folders_may_have_long_names),
    TEST(nonsense_is_refused),
    TEST(a_line_without_end_is_cut_off),
    TEST(silent_clients_are_hung_up_on_and_the_others_served_meanwhile),
    TEST(clients_beyond_the_lines_there_are_wait_for_nothing),
    TEST(a_client_that_leaves_or_never_reads_holds_nothing_up),
    TEST(the_end_waits_for_no_silent_client),
    TEST(other_users_are_hung_up_on),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("control", tests, argc, argv);
}
