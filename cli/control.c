#include "cli/control.h"

#include "cli/control_socket.h"
#include "cli/json.h"
#include "runtime/base/atomic.h"
#include "runtime/base/error.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS ((i64)1000000)
#define CLIENTS 16u
#define LINE_MAX_BYTES (CONTROL_ARG + 16u)
#define CLIENT_TIME (2000 * MS)  /* to send its line, and to take what it is sent */
#define PROGRESS_TIME (500 * MS) /* between two lines of progress */
#define CLOSING_TIME (1000 * MS)

/* Whose a call is. SERVED goes there and back: the server passes a progress on and says ASKED. */
enum call_state { CALL_ASKED, CALL_PROGRESS, CALL_SERVED };

struct client {
    int fd;    /* -1: free, or hung up on while its call is under way */
    i64 until; /* when its time is over; TIME_FOREVER while its call is under way */
    i64 told;  /* when there was a line of progress */
    struct control_call *call;
    struct text_buf out;
    u64 sent;
    u32 in_size;
    bool last;     /* what is in `out` is all */
    bool lasts;    /* it asked for the end: it is hung up on when all is over */
    bool answered; /* and has its answer */
    char in[LINE_MAX_BYTES];
};

struct control {
    struct env *env;
    struct control_ops ops;
    char *dir;
    int listening, wake; /* wake: an eventfd, for the server */
    struct env_thread thread;
    struct mailbox asked;           /* to the job's thread */
    struct control_call *under_way; /* the job's thread's */
    _Atomic u32 closing;
    struct client clients[CLIENTS];
};

const char *control_word(enum control_request request) {
    static const char *const words[CONTROL_REQUESTS] = {
        [CONTROL_STATUS] = "status",
        [CONTROL_SAVEPOINT] = "savepoint",
        [CONTROL_STOP] = "stop",
        [CONTROL_DRAIN] = "drain",
    };
    return words[request];
}

/* ---- a client, on the server's thread ---- */

static void hang_up(struct client *k) {
    if (k->fd >= 0) close(k->fd);
    k->fd = -1;
    k->in_size = 0;
    k->sent = 0;
    k->last = k->lasts = k->answered = false;
    text_buf_clear(&k->out);
}

static void put_error(struct client *k, const char *why) {
    text_buf_str(&k->out, "{\"ok\":false,\"error\":");
    json_put_text(&k->out, why);
    text_buf_str(&k->out, "}\n");
    k->last = true;
}

/* `word [arg]`. False: it is none that is known. */
static bool read_call(const char *line, struct control_call *call) {
    for (enum control_request r = 0; r < CONTROL_REQUESTS; r++) {
        size_t n = strlen(control_word(r));
        if (strncmp(line, control_word(r), n) || (line[n] && line[n] != ' ')) continue;
        const char *arg = line[n] ? line + n + 1 : "";
        size_t size = strlen(arg);
        if (size >= CONTROL_ARG) return false;
        call->request = r;
        memcpy(call->arg, arg, size + 1);
        return true;
    }
    return false;
}

/* A whole line is there: the question goes to the job's thread. */
static void ask(struct control *c, struct client *k) {
    struct control_call *call = calloc(1, sizeof *call);
    if (!call || strlen(k->in) != k->in_size - 1 || !read_call(k->in, call)) {
        free(call);
        put_error(k, "there are status, savepoint [PATH], stop [PATH], drain [PATH]");
        return;
    }
    text_buf_init(&call->answer);
    k->lasts = call->request == CONTROL_STOP || call->request == CONTROL_DRAIN;
    k->call = call;
    k->until = TIME_FOREVER;
    mailbox_post(&c->asked, c->env, &call->node);
}

static void take_in(struct control *c, struct client *k) {
    ssize_t n = recv(k->fd, k->in + k->in_size, sizeof k->in - k->in_size, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        hang_up(k);
        return;
    }
    k->in_size += (u32)n;
    char *end = memchr(k->in, '\n', k->in_size);
    if (end) {
        *end = 0;
        k->in_size = (u32)(end - k->in) + 1;
        ask(c, k);
    } else if (k->in_size == sizeof k->in) {
        put_error(k, "the line is too long");
    }
}

static void send_out(struct client *k) {
    while (k->sent < k->out.size) {
        ssize_t n = send(k->fd, k->out.at + k->sent, k->out.size - k->sent, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) {
            hang_up(k);
            return;
        }
        k->sent += (u64)n;
    }
    if (k->last && !k->lasts) {
        hang_up(k);
        return;
    }
    if (k->last) {
        k->answered = true;
        k->last = false;
        k->until = TIME_FOREVER;
    }
    k->sent = 0;
    text_buf_clear(&k->out);
}

/* What the job's thread said; the call is the server's again. */
static void take_answer(struct control *c, struct client *k) {
    struct control_call *call = k->call;
    u32 state = u32_load_acquire(&call->state);
    if (state == CALL_ASKED) return;
    bool done = state == CALL_SERVED;
    i64 now = env_mono_ns(c->env);
    bool due = done || (!k->out.size && now - k->told >= PROGRESS_TIME); /* none piles up */
    if (k->fd >= 0 && call->refused) {
        put_error(k, call->answer.at);
    } else if (k->fd >= 0 && due) {
        k->told = now;
        text_buf_printf(&k->out, "{\"%s\":true%s%s}\n", done ? "ok" : "progress",
                        call->answer.size ? "," : "", call->answer.size ? call->answer.at : "");
    }
    text_buf_clear(&call->answer);
    if (done) {
        text_buf_fini(&call->answer);
        free(call);
        k->call = NULL;
        k->last = k->fd >= 0;
        k->until = now + CLIENT_TIME;
    } else {
        u32_store_release(&call->state, CALL_ASKED);
    }
}

/* ---- the server ---- */

static void take_client(struct control *c) {
    int fd = control_accept(c->listening);
    if (fd < 0) return;
    for (u32 i = 0; i < CLIENTS; i++) {
        struct client *k = &c->clients[i];
        if (k->fd >= 0 || k->call) continue;
        k->fd = fd;
        k->told = env_mono_ns(c->env);
        k->until = k->told + CLIENT_TIME;
        return;
    }
    close(fd); /* all lines are busy */
}

static void step_client(struct control *c, struct client *k, short happened) {
    bool listens = !k->call && !k->last && !k->answered;
    if (k->fd >= 0 && !listens && happened & (POLLHUP | POLLERR)) hang_up(k);
    if (k->fd >= 0 && listens && happened & (POLLIN | POLLHUP)) take_in(c, k);
    if (k->call) take_answer(c, k);
    if (k->fd >= 0 && (k->out.size || k->last)) send_out(k);
    if (k->fd >= 0 && env_mono_ns(c->env) >= k->until) hang_up(k);
}

static bool is_busy(const struct control *c) {
    for (u32 i = 0; i < CLIENTS; i++)
        if (c->clients[i].fd >= 0 || c->clients[i].call) return true;
    return false;
}

static void serve_once(struct control *c) {
    struct pollfd polls[2 + CLIENTS] = { { c->listening, POLLIN, 0 }, { c->wake, POLLIN, 0 } };
    for (u32 i = 0; i < CLIENTS; i++) {
        const struct client *k = &c->clients[i];
        short wanted = k->call || k->last || k->answered ? 0 : POLLIN;
        polls[2 + i] = (struct pollfd){ k->fd, k->out.size ? wanted | POLLOUT : wanted, 0 };
    }
    poll(polls, 2 + CLIENTS, is_busy(c) ? 100 : -1);
    u64 count;
    if (polls[1].revents && read(c->wake, &count, sizeof count) < 0) count = 0;
    for (u32 i = 0; i < CLIENTS; i++) step_client(c, &c->clients[i], polls[2 + i].revents);
    if (polls[0].revents) take_client(c);
}

/* Somebody has an answer coming. */
static bool is_answering(struct control *c) {
    for (u32 i = 0; i < CLIENTS; i++) {
        struct client *k = &c->clients[i];
        if (k->fd < 0) continue;
        if (k->last || (k->call && u32_load_acquire(&k->call->state) == CALL_SERVED)) return true;
    }
    return false;
}

static void serve(void *arg) {
    struct control *c = arg;
    while (!u32_load_acquire(&c->closing)) serve_once(c);
    i64 until = env_mono_ns(c->env) + CLOSING_TIME;
    while (is_answering(c) && env_mono_ns(c->env) < until) serve_once(c);
    for (u32 i = 0; i < CLIENTS; i++)
        if (!c->clients[i].answered) hang_up(&c->clients[i]);
}

static void wake_server(struct control *c) {
    u64 one = 1;
    if (write(c->wake, &one, sizeof one) < 0) return; /* it is awake many times over */
}

/* ---- the job's thread ---- */

struct control *control_open(struct env *env, const char *dir, const struct control_ops *ops) {
    struct control *c = calloc(1, sizeof *c);
    if (!c || !(c->dir = strdup(dir))) {
        free(c);
        error_set(ENOMEM, "listen in %s", dir);
        return NULL;
    }
    c->env = env;
    c->ops = *ops;
    mailbox_init(&c->asked);
    for (u32 i = 0; i < CLIENTS; i++) {
        c->clients[i].fd = -1;
        text_buf_init(&c->clients[i].out);
    }
    c->listening = control_listen(dir);
    c->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (c->listening >= 0 && c->wake >= 0 &&
        !env_thread_start(env, &c->thread, "control", serve, c))
        return c;
    if (c->listening >= 0) control_unlisten(dir, c->listening);
    if (c->wake >= 0) close(c->wake);
    free(c->dir);
    free(c);
    return NULL;
}

/* True: it is done, and the server's. */
static bool serve_call(struct control *c, struct control_call *call, bool last) {
    if (u32_load_acquire(&call->state) == CALL_PROGRESS) return false; /* not passed on yet */
    enum control_outcome outcome = c->ops.serve(c->ops.self, call);
    if (outcome == CONTROL_UNDER_WAY && last) {
        outcome = CONTROL_REFUSED;
        error_set(ECANCELED, "the job ended before this was done");
    }
    if (outcome == CONTROL_REFUSED) {
        call->refused = true;
        text_buf_clear(&call->answer);
        text_buf_str(&call->answer, error_text());
    }
    bool done = outcome != CONTROL_UNDER_WAY;
    u32_store_release(&call->state, done ? CALL_SERVED : CALL_PROGRESS);
    return done;
}

static void serve_all(struct control *c, bool last) {
    bool news = false;
    struct mailbox_node *node;
    while ((node = mailbox_take(&c->asked))) {
        struct control_call *call = (struct control_call *)node; /* its first member */
        call->next = c->under_way;
        c->under_way = call;
    }
    for (struct control_call **at = &c->under_way; *at;) {
        struct control_call *call = *at, *next = call->next;
        if (serve_call(c, call, last))
            *at = next;
        else
            at = &call->next;
        news = true;
    }
    if (news) wake_server(c);
}

void control_poll(struct control *c) {
    serve_all(c, false);
}

void control_end(struct control *c) {
    if (!c || c->listening < 0) return;
    serve_all(c, true);
    while (c->under_way) { /* the server is about to pass a progress on */
        env_sleep_ns(c->env, MS);
        serve_all(c, true);
    }
    u32_store_release(&c->closing, 1);
    wake_server(c);
    env_thread_join(c->env, &c->thread);
    serve_all(c, true); /* what came after the last look */
    control_unlisten(c->dir, c->listening);
    c->listening = -1;
}

void control_close(struct control *c) {
    if (!c) return;
    control_end(c);
    for (u32 i = 0; i < CLIENTS; i++) {
        struct client *k = &c->clients[i];
        if (k->call) text_buf_fini(&k->call->answer);
        free(k->call);
        hang_up(k);
        text_buf_fini(&k->out);
    }
    close(c->wake);
    free(c->dir);
    free(c);
}

/* ---- the client ---- */

static bool is_sent(int fd, enum control_request request, const char *arg) {
    char line[LINE_MAX_BYTES + 1];
    int n = snprintf(line, sizeof line, "%s%s%s\n", control_word(request), *arg ? " " : "", arg);
    if (n >= (int)sizeof line) {
        error_set(ENAMETOOLONG, "%s", arg);
        return false;
    }
    if (send(fd, line, (size_t)n, MSG_NOSIGNAL) == n) return true;
    error_set(errno, "ask the job");
    return false;
}

/* Hands on the lines that are whole. False: enough. */
static bool pass_lines(struct text_buf *in, bool (*line)(void *, const char *, u64), void *self) {
    char *end;
    while ((end = memchr(in->at, '\n', in->size))) {
        u64 size = (u64)(end - in->at);
        if (!line(self, in->at, size)) return false;
        memmove(in->at, end + 1, in->size - size - 1);
        in->size -= size + 1;
    }
    return true;
}

static int take_lines(int fd, i64 timeout_ns, bool (*line)(void *, const char *, u64), void *self) {
    struct text_buf in;
    char some[4096];
    int status = 0;
    text_buf_init(&in);
    for (;;) {
        int ready = poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, (int)(timeout_ns / MS));
        ssize_t n = ready > 0 ? recv(fd, some, sizeof some, 0) : -1;
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) status = error_set(ready ? errno : ETIMEDOUT, "wait for the job's answer");
        if (ready > 0 && n < 0) status = error_set(errno, "read the job's answer");
        if (n <= 0) break;
        text_buf_put(&in, some, (size_t)n);
        if (!pass_lines(&in, line, self)) break;
    }
    text_buf_fini(&in);
    return status;
}

int control_ask(const char *dir, enum control_request request, const char *arg, i64 timeout_ns,
                bool (*line)(void *self, const char *text, u64 size), void *self) {
    int fd = control_connect(dir);
    if (fd < 0) return -1;
    int status = is_sent(fd, request, arg) ? take_lines(fd, timeout_ns, line, self) : -1;
    close(fd);
    return status;
}
