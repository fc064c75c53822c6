#include "runtime/base/mailbox.h"
#include "runtime/base/atomic.h"
#include "runtime/base/ensure.h"

#include <urcu/wfcqueue.h>

_Static_assert(sizeof(struct cds_wfcq_node) == sizeof(void *), "the node is its next");
_Static_assert(offsetof(struct mailbox_node, next) == 0, "a node of the queue comes first");
_Static_assert(sizeof(struct __cds_wfcq_head) == sizeof(void *), "the head is a node");
_Static_assert(sizeof(struct cds_wfcq_tail) == sizeof(void *), "the tail is a pointer");

static struct __cds_wfcq_head *head_of(struct mailbox *m) {
    return (struct __cds_wfcq_head *)&m->head;
}

static struct cds_wfcq_tail *tail_of(struct mailbox *m) {
    return (struct cds_wfcq_tail *)&m->tail;
}

void mailbox_init(struct mailbox *m) {
    __cds_wfcq_init(head_of(m), tail_of(m));
    atomic_init(&m->sleeps, 0);
}

/* `posted` orders what the library orders already, where a tool that cannot look into the library
   (TSan) sees it; and it tells a message that is posted twice. */
void mailbox_post(struct mailbox *m, struct env *env, struct mailbox_node *node) {
    cds_wfcq_node_init((struct cds_wfcq_node *)node);
    u32_store_release(&node->posted, 1);
    cds_wfcq_enqueue(head_of(m), tail_of(m), (struct cds_wfcq_node *)node);
    cmm_smp_mb(); /* I publish, then look whether you sleep */
    if (u32_load_relaxed(&m->sleeps) && u32_exchange(&m->sleeps, 0)) env_wake(env, &m->sleeps);
}

struct mailbox_node *mailbox_take(struct mailbox *m) {
    struct cds_wfcq_node *node = __cds_wfcq_dequeue_nonblocking(head_of(m), tail_of(m));
    if (!node || node == CDS_WFCQ_WOULDBLOCK) return NULL;
    struct mailbox_node *taken = (struct mailbox_node *)node;
    ENSURE(u32_load_acquire(&taken->posted) == 1);
    atomic_store_explicit(&taken->posted, 0, memory_order_relaxed);
    return taken;
}

void mailbox_wait(struct mailbox *m, struct env *env, i64 timeout_ns) {
    u32_exchange(&m->sleeps, 1);
    cmm_smp_mb(); /* I say that I sleep, then look for work */
    if (cds_wfcq_empty(head_of(m), tail_of(m))) env_park(env, &m->sleeps, 1, timeout_ns);
    u32_exchange(&m->sleeps, 0);
}
