/* Messages from any thread to one owner, by liburcu's wait-free queue: posting never waits, whoever
   else posts, dies or is held up. Messages are intrusive: the message has a mailbox_node in it, and
   owns nothing else of the mailbox. In the order of one poster; between posters, that of arrival.

   An owner without work may sleep in mailbox_wait; a post wakes him. */
#ifndef RUNTIME_BASE_MAILBOX_H
#define RUNTIME_BASE_MAILBOX_H

#include "runtime/base/base.h"
#include "runtime/base/env.h"

#include <stdatomic.h>

struct mailbox_node {
    void *next;
    _Atomic u32 posted;
};

struct mailbox {
    void *head; /* the owner's side */
    u8 apart[64 - sizeof(void *)];
    void *tail; /* the posters' */
    _Atomic u32 sleeps;
};

void mailbox_init(struct mailbox *m);

/* Appends a message; any thread; never waits. From now on the node, and what stands around it, is
   the mailbox's until the owner takes it; he then sees all that was stored before. Wakes an owner
   who sleeps. */
void mailbox_post(struct mailbox *m, struct env *env, struct mailbox_node *node);

/* The oldest message, the caller's from now on, or null: none is there, or it is being posted this
   moment. The owner's thread only. */
struct mailbox_node *mailbox_take(struct mailbox *m);

/* Sleeps until there may be a message, or until the timeout (TIME_FOREVER: none). The owner's
   thread only; may return early. */
void mailbox_wait(struct mailbox *m, struct env *env, i64 timeout_ns);

#endif
