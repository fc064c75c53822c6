#include "runtime/base/mailbox.h"

#include "tests/support/suite.h"

#include <pthread.h>
#include <stdlib.h>

struct message {
    u64 number;
    struct mailbox_node node;
    u32 poster;
};

static struct message *message_of(struct mailbox_node *node) {
    return node ? (struct message *)((u8 *)node - offsetof(struct message, node)) : NULL;
}

static void messages_come_in_the_order_of_their_posting(void) {
    struct env env = env_real();
    struct mailbox m;
    struct message messages[3] = { { .number = 1 }, { .number = 2 }, { .number = 3 } };
    mailbox_init(&m);
    CHECK(!mailbox_take(&m));
    for (u32 i = 0; i < 3; i++) mailbox_post(&m, &env, &messages[i].node);
    for (u32 i = 0; i < 3; i++) CHECK(message_of(mailbox_take(&m)) == &messages[i]);
    CHECK(!mailbox_take(&m));
}

static void a_message_can_be_posted_again_once_it_is_taken(void) {
    struct env env = env_real();
    struct mailbox m;
    struct message message = { 0 };
    mailbox_init(&m);
    for (u32 i = 0; i < 100; i++) {
        mailbox_post(&m, &env, &message.node);
        CHECK(message_of(mailbox_take(&m)) == &message);
        CHECK(!mailbox_take(&m));
    }
}

static void waiting_ends_at_once_if_there_is_a_message_and_with_its_time_if_not(void) {
    struct env env = env_real();
    struct mailbox m;
    struct message message = { 0 };
    mailbox_init(&m);
    mailbox_post(&m, &env, &message.node);
    mailbox_wait(&m, &env, TIME_FOREVER);
    CHECK(message_of(mailbox_take(&m)) == &message);
    i64 start = env_mono_ns(&env);
    mailbox_wait(&m, &env, 1000000);
    CHECK(env_mono_ns(&env) - start < (i64)10 * 1000000000);
}

/* ---- many threads ---- */

#define POSTERS 4
#define EACH 20000

struct poster {
    struct mailbox *to;
    struct env *env;
    u32 index;
};

static void *post_all(void *arg) {
    struct poster *p = arg;
    for (u64 i = 0; i < EACH; i++) {
        struct message *message = malloc(sizeof *message);
        *message = (struct message){ .number = i, .poster = p->index };
        mailbox_post(p->to, p->env, &message->node);
    }
    return NULL;
}

static void nothing_is_lost_and_each_posters_order_is_kept_while_the_owner_sleeps_and_wakes(void) {
    struct env env = env_real();
    struct mailbox m;
    struct poster posters[POSTERS];
    pthread_t threads[POSTERS];
    u64 next[POSTERS] = { 0 };
    mailbox_init(&m);
    for (u32 i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){ &m, &env, i };
        CHECK(!pthread_create(&threads[i], NULL, post_all, &posters[i]));
    }
    for (u32 taken = 0; taken < POSTERS * EACH;) {
        struct message *message = message_of(mailbox_take(&m));
        if (!message) {
            mailbox_wait(&m, &env, TIME_FOREVER); /* a lost wake-up would hang here */
            continue;
        }
        CHECK(message->number == next[message->poster]++);
        free(message);
        taken++;
    }
    for (u32 i = 0; i < POSTERS; i++) pthread_join(threads[i], NULL);
    CHECK(!mailbox_take(&m));
}

static const struct test tests[] = {
    TEST(messages_come_in_the_order_of_their_posting),
    TEST(a_message_can_be_posted_again_once_it_is_taken),
    TEST(waiting_ends_at_once_if_there_is_a_message_and_with_its_time_if_not),
    TEST(nothing_is_lost_and_each_posters_order_is_kept_while_the_owner_sleeps_and_wakes),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("mailbox", tests, argc, argv);
}
