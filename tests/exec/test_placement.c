#include "runtime/exec/placement.h"
#include "runtime/base/env.h"
#include "runtime/base/error.h"
#include "tests/support/suite.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#define TWO_NODES "node:2 core:4 pu:2"

/* The cpus of the workers, as "0 2 4". */
static const char *cpus(const struct placement *p, char *room, size_t size) {
    size_t at = 0;
    room[0] = 0;
    for (u32 w = 0; w < p->worker_count; w++)
        at += (size_t)snprintf(room + at, size - at, w ? " %u" : "%u", p->seats[w].cpu);
    return room;
}

static void check_cpus(const char *cores, u32 workers, const char *wanted) {
    struct placement p;
    char room[256];
    if (!CHECK(placement_init(&p, TWO_NODES, cores, workers) == 0)) return;
    CHECK_STR(cpus(&p, room, sizeof room), wanted);
    placement_fini(&p);
}

static void workers_take_a_cpu_of_each_core_first_node_by_node(void) {
    check_cpus(NULL, 0, "0 2 4 6 8 10 12 14");
    check_cpus(NULL, 1, "0");
    check_cpus(NULL, 5, "0 2 4 6 8");
    check_cpus(NULL, 16, "0 2 4 6 8 10 12 14 1 3 5 7 9 11 13 15");
    check_cpus(NULL, 18, "0 2 4 6 8 10 12 14 1 3 5 7 9 11 13 15 0 2");
}

static void a_list_of_cores_is_taken_in_its_order(void) {
    check_cpus("3", 0, "3");
    check_cpus("9,0,2-4", 0, "9 0 2 3 4");
    check_cpus("9,0,2-4", 2, "9 0");
    check_cpus("7,6", 5, "7 6 7 6 7");
}

static void a_list_that_is_none_is_refused(void) {
    static const char *const lists[] = { "",   ",",           "0,",    "a",    "0-",
                                         "-1", "3-1",         "0 1",   "0,,1", "0;1",
                                         "1x", "99999999999", "0-1-2", "+1",   "0x1" };
    struct placement p;
    for (u32 i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (!CHECK(placement_init(&p, TWO_NODES, lists[i], 0) < 0)) printf("  \"%s\"\n", lists[i]);
        CHECK(strstr(error_text(), "is no list of cores"));
    }
    CHECK(placement_init(&p, TWO_NODES, "3,16", 0) < 0);
    CHECK_STR(error_text(), "there is no cpu 16 in this topology that may be used");
    CHECK(placement_init(&p, TWO_NODES, "1-3,2", 0) < 0);
    CHECK_STR(error_text(), "cpu 2 is listed twice");
    CHECK(placement_init(&p, "three towers", NULL, 0) < 0);
    CHECK(strstr(error_text(), "describes no machine"));
    error_clear();
}

static void a_plan_for_two_nodes_prints_its_seats(void) {
    struct placement p;
    struct text_buf text;
    text_buf_init(&text);
    if (!CHECK(placement_init(&p, "node:2 core:2 pu:2", NULL, 6) == 0)) return;
    placement_print(&p, &text);
    CHECK_STR(text.at, "2 nodes, 4 cores, 8 cpus (not this machine: nothing is pinned)\n"
                       "worker 0: cpu 0, core 0, node 0, shards 0-21\n"
                       "worker 1: cpu 2, core 1, node 0, shards 22-42\n"
                       "worker 2: cpu 4, core 2, node 1, shards 43-63\n"
                       "worker 3: cpu 6, core 3, node 1, shards 64-85\n"
                       "worker 4: cpu 1, core 0, node 0, shards 86-106\n"
                       "worker 5: cpu 3, core 1, node 0, shards 107-127\n");
    placement_fini(&p);
    text_buf_fini(&text);
}

static void printed_shards_are_those_of_the_formula(void) {
    for (u32 workers = 1; workers <= 200; workers++) {
        struct placement p;
        struct text_buf text;
        text_buf_init(&text);
        if (!CHECK(placement_init(&p, "core:1 pu:1", NULL, workers) == 0)) return;
        placement_print(&p, &text);
        const char *line = strchr(text.at, '\n') + 1;
        for (u32 w = 0; w < workers; w++, line = strchr(line, '\n') + 1) {
            u32 first = 1, last = 0;
            sscanf(strstr(line, "shards"), "shards %u-%u", &first, &last);
            for (u32 s = 0; s < 128; s++) CHECK_EQ(s * workers / 128 == w, first <= s && s <= last);
        }
        placement_fini(&p);
        text_buf_fini(&text);
    }
}

static void nothing_is_pinned_on_a_machine_that_is_not_here(void) {
    struct placement p;
    cpu_set_t before, after;
    CHECK_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    if (!CHECK(placement_init(&p, TWO_NODES, "15", 1) == 0)) return;
    CHECK(!p.here);
    CHECK_EQ(placement_bind(&p, 0), 0);
    CHECK_EQ(sched_getaffinity(0, sizeof after, &after), 0);
    CHECK(CPU_EQUAL(&before, &after));
    u8 *at = placement_alloc(&p, 0, 100);
    if (CHECK(at)) {
        CHECK_EQ(at[0], 0);
        placement_free(at, 100);
    }
    placement_fini(&p);
}

static void bind_each(void *arg) {
    const struct placement *p = arg;
    for (u32 w = 0; w < p->worker_count; w++) {
        CHECK_EQ(placement_bind(p, w), 0);
        CHECK_EQ(sched_getcpu(), p->seats[w].cpu);
        u8 *at = placement_alloc(p, w, 1 << 20);
        if (CHECK(at)) placement_free(at, 1 << 20);
    }
}

static void a_worker_here_runs_on_its_cpu(void) {
    struct placement p;
    struct env env = env_real();
    struct env_thread thread;
    if (!CHECK(placement_init(&p, NULL, NULL, 0) == 0)) return;
    CHECK(p.here);
    CHECK(p.worker_count == p.core_count && p.core_count <= p.cpu_count && p.node_count >= 1);
    CHECK_EQ(env_thread_start(&env, &thread, "bound", bind_each, &p), 0);
    env_thread_join(&env, &thread);
    placement_fini(&p);
}

static void a_process_that_is_bound_stays_within(void) {
    cpu_set_t before, one;
    CHECK_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    u32 last = 0;
    for (u32 cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &before)) last = cpu;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    struct placement p;
    if (CHECK(placement_init(&p, NULL, NULL, 0) == 0)) {
        CHECK_EQ(p.cpu_count, 1);
        CHECK_EQ(p.worker_count, 1);
        CHECK_EQ(p.seats[0].cpu, last);
        placement_fini(&p);
    }
    CHECK_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

static const struct test tests[] = {
    TEST(workers_take_a_cpu_of_each_core_first_node_by_node),
    TEST(a_list_of_cores_is_taken_in_its_order),
    TEST(a_list_that_is_none_is_refused),
    TEST(a_plan_for_two_nodes_prints_its_seats),
    TEST(printed_shards_are_those_of_the_formula),
    TEST(nothing_is_pinned_on_a_machine_that_is_not_here),
    TEST(a_worker_here_runs_on_its_cpu),
    TEST(a_process_that_is_bound_stays_within),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("placement", tests, argc, argv);
}
