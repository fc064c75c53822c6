/* The socket by which a running job is asked and told things: `control` in its state folder, for
   its user (and root) alone. A client sends one line, a word and perhaps the rest as an argument,
   and gets JSON objects, a line each: any number of `{"progress":true,...}`, then the answer,
   `{"ok":true,...}` or `{"ok":false,"error":"..."}`; then it is hung up on.

       status              what the job has done
       savepoint [PATH]    a snapshot that stands by itself
       stop [PATH]         a last snapshot (and savepoint), and the end; no window fires
       drain [PATH]        the same, but reading ends as if the input did: windows fire

   A thread of its own speaks with the clients and waits for none: each has little room and little
   time, and there are few. What they ask is a message (base/mailbox.h) to the thread that runs the
   job; it answers when it comes by. So no client, however stuck or hostile, holds anything up. */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include "runtime/base/env.h"
#include "runtime/base/mailbox.h"
#include "runtime/base/text_buf.h"

#define CONTROL_ARG 4096u /* bytes of an argument, with its NUL */

enum control_request {
    CONTROL_STATUS,
    CONTROL_SAVEPOINT,
    CONTROL_STOP,
    CONTROL_DRAIN,
    CONTROL_REQUESTS,
};
const char *control_word(enum control_request request);

enum control_outcome {
    CONTROL_DONE,      /* the answer is complete */
    CONTROL_REFUSED,   /* the error trail says why */
    CONTROL_UNDER_WAY, /* asked again soon; the answer so far is told as progress */
};

struct control_call {
    struct mailbox_node node;
    enum control_request request;
    char arg[CONTROL_ARG];  /* "": none */
    u64 ticket;             /* of whoever serves it: 0 at first, kept while it is under way */
    struct text_buf answer; /* members of an object: `"rows":3,"late":0` */
    bool refused;           /* answer is why, as text */
    _Atomic u32 state;
    struct control_call *next; /* those that are under way */
};

/* Who does what is asked: on the thread that calls control_poll. */
struct control_ops {
    enum control_outcome (*serve)(void *self, struct control_call *call);
    void *self;
};

struct control;

/* Listens in the folder, which the caller has locked: a socket that is there is a dead one's. Null
   with an error trail. */
struct control *control_open(struct env *env, const char *dir, const struct control_ops *ops);

/* Serves what was asked, never waiting. */
void control_poll(struct control *c);

/* The job is over: what is under way is served once more, and whatever is still not done is
   refused. Clients get their answers, for a second at most; then the socket is gone. */
void control_end(struct control *c);

/* Hangs up on those who asked for the end: the state is free, and the job can be started again. */
void control_close(struct control *c);

/* ---- the other side ---- */

/* Sends a line to the job whose state is in the folder, and hands each line of the answer to
   `line`, which says whether to go on. 0: the answer ended. -1 with an error trail: nobody listens
   (ECONNREFUSED, ENOENT), or not within timeout_ns since the last line (ETIMEDOUT). */
int control_ask(const char *dir, enum control_request request, const char *arg, i64 timeout_ns,
                bool (*line)(void *self, const char *text, u64 size), void *self);

#endif
