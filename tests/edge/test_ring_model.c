/* Every behaviour that the memory model allows of the real ring.h and waiter.h, at small sizes.

   The atomic accesses of atomic.h are replaced by the ones here, on a model of memory: each atomic
   location is the list of the values stored to it; a load may take any that its thread has not seen
   surpassed; a release store takes along what its thread has seen (its view), an acquire load takes
   that over. Plain data (the rows of a slot) must be accessed with all that others did to it in
   view, or there is a race. From each state, every thread that can run is tried, with every value
   that its next access may take, until no state is new. Each kind of error is proven to be found by
   taking away one order at a time. */
#define RUNTIME_BASE_ATOMIC_H /* the real one is not included */
#include "runtime/base/base.h"
#include "runtime/base/ensure.h"
#include "runtime/base/hash.h"
#include "tests/support/suite.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCER, CONSUMER, THREADS };
enum { TAIL, HEAD, SLEEPS, ATOMICS = SLEEPS + THREADS, SLOTS_MAX = 4 };
enum { WRITES = ATOMICS, READS = WRITES + SLOTS_MAX, LOCATIONS = READS + SLOTS_MAX };
enum { STORES_MAX = 12, STEPS_MAX = 4 };

/* One order or step taken away; each must be found out. */
enum weakness {
    NOTHING,
    PUBLISH_RELAXED,
    RELEASE_RELAXED,
    PEEK_RELAXED,
    SLOT_RELAXED,
    NO_BARRIER,
    NO_LAST_LOOK,
    LOOK_BEFORE_PUBLISHING,
};

struct view {
    u8 seen[LOCATIONS]; /* number of the newest store known; of plain data, count of accesses */
};

struct store {
    u32 value;
    struct view view;
};

struct thread {
    struct view view;
    u8 at;    /* where in its program */
    u8 count; /* batches published or released */
    u8 done, parked;
    u8 taken; /* accesses made of the call under way, and what they gave */
    u32 gave[STEPS_MAX];
};

struct state {
    struct thread thread[THREADS];
    struct store stores[ATOMICS][STORES_MAX];
    u8 store_count[ATOMICS];
    u8 accesses[LOCATIONS]; /* of plain data: how many there were */
    u8 content[SLOTS_MAX];
    u32 head_seen, tail_seen;
    struct view system; /* what the kernel's futex lock has in view */
};

/* The exploration: one at a time, on the main thread. */
static struct model {
    struct state now;
    u32 self;     /* the thread that takes its step */
    u32 replayed; /* accesses of its call that were given again */
    bool moved;   /* it has made its one access of this step */
    u32 choice, choices;
    jmp_buf leave; /* the call has more accesses: at its next step */
    enum weakness weakness;
    u32 batches;
    bool sleeps;
    const char *violation;
    u64 *visited;
    u64 visited_count, ends;
} model;

#define VISITED_ROOM ((u64)1 << 20)

static _Atomic u32 *address(u32 location);

static u32 location_of(_Atomic u32 *at) {
    for (u32 i = 0; i < ATOMICS; i++)
        if (address(i) == at) return i;
    ENSURE(!"an atomic that the model does not know");
    return 0;
}

static struct thread *self(void) {
    return &model.now.thread[model.self];
}

static void join(struct view *into, const struct view *from) {
    for (u32 i = 0; i < LOCATIONS; i++)
        if (into->seen[i] < from->seen[i]) into->seen[i] = from->seen[i];
}

/* Before each access: true if it was made in an earlier step of the same call. Only one is made in
   a step. */
static bool made_before(u32 *value) {
    if (model.replayed < self()->taken) {
        *value = self()->gave[model.replayed++];
        return true;
    }
    if (model.moved) longjmp(model.leave, 1);
    model.moved = true;
    return false;
}

static u32 made(u32 value) {
    ENSURE(self()->taken < STEPS_MAX);
    self()->gave[self()->taken++] = value;
    model.replayed++;
    return value;
}

static u32 model_load(_Atomic u32 *at, bool acquire) {
    u32 location = location_of(at), value;
    /* What only this thread stores it knows: no step. */
    if (location == (model.self == PRODUCER ? TAIL : HEAD))
        return model.now.stores[location][model.now.store_count[location] - 1].value;
    if (made_before(&value)) return value;
    u8 *seen = &self()->view.seen[location];
    model.choices = model.now.store_count[location] - *seen;
    *seen = (u8)(*seen + model.choice);
    const struct store *store = &model.now.stores[location][*seen];
    if (acquire) join(&self()->view, &store->view);
    return made(store->value);
}

static void model_store(_Atomic u32 *at, u32 value, bool release) {
    u32 location = location_of(at), count = model.now.store_count[location];
    if (made_before(&value)) return;
    ENSURE(count < STORES_MAX);
    self()->view.seen[location] = (u8)count;
    struct store *store = &model.now.stores[location][count];
    *store = (struct store){ .value = value };
    if (release)
        store->view = self()->view;
    else
        store->view.seen[location] = (u8)count;
    model.now.store_count[location]++;
    made(value);
}

static u32 u32_load_relaxed(_Atomic u32 *at) {
    return model_load(at, false);
}

static u32 u32_load_acquire(_Atomic u32 *at) {
    u32 location = location_of(at);
    return model_load(at, !(location == TAIL && model.weakness == PEEK_RELAXED) &&
                              !(location == HEAD && model.weakness == SLOT_RELAXED));
}

static void u32_store_release(_Atomic u32 *at, u32 value) {
    u32 location = location_of(at);
    model_store(at, value,
                !(location == TAIL && model.weakness == PUBLISH_RELAXED) &&
                    !(location == HEAD && model.weakness == RELEASE_RELAXED));
}

/* Takes the newest value and stores right behind it. */
static u32 u32_exchange(_Atomic u32 *at, u32 value) {
    u32 location = location_of(at), count = model.now.store_count[location], old;
    if (made_before(&old)) return old;
    ENSURE(count < STORES_MAX);
    struct store *store = &model.now.stores[location][count];
    join(&self()->view, &store[-1].view);
    self()->view.seen[location] = (u8)count;
    *store = (struct store){ .value = value, .view = self()->view };
    model.now.store_count[location]++;
    return made(store[-1].value);
}

/* Orders are those of the program here; the compiler's freedom is the weakness
   LOOK_BEFORE_PUBLISHING. */
static void barrier_light(void) {}

/* A barrier here, then one on each other thread, then one here: with two threads, both know all. */
static bool barrier_everywhere(void) {
    u32 value;
    if (made_before(&value)) return value;
    if (model.weakness != NO_BARRIER) {
        struct thread *thread = model.now.thread;
        join(&thread[0].view, &thread[1].view);
        join(&thread[1].view, &thread[0].view);
    }
    return made(true);
}

#include "runtime/edge/ring.h"
#include "runtime/edge/waiter.h"

/* The futex: under the kernel's lock, it looks at the word and sleeps, or wakes. */
static void model_park(void *context, _Atomic u32 *word, u32 value, i64 timeout_ns) {
    u32 location = location_of(word), seen;
    if (made_before(&seen)) return;
    join(&self()->view, &model.now.system);
    u8 *newest = &self()->view.seen[location];
    model.choices = model.now.store_count[location] - *newest;
    *newest = (u8)(*newest + model.choice);
    self()->parked = model.now.stores[location][*newest].value == value;
    made(0);
}

static void model_wake(void *context, _Atomic u32 *word) {
    u32 value;
    if (made_before(&value)) return;
    join(&model.now.system, &self()->view);
    model.now.thread[location_of(word) - SLEEPS].parked = false;
    made(0);
}

static const struct env_ops model_ops = { .park = model_park, .wake = model_wake };
static struct env model_env = { .ops = &model_ops };
static _Alignas(128) u8 ring_place[sizeof(struct ring) + SLOTS_MAX * 64];
static struct waiter waiters[THREADS];

static struct ring *ring(void) {
    return (struct ring *)ring_place;
}

static _Atomic u32 *address(u32 location) {
    if (location == TAIL) return &ring()->tail;
    if (location == HEAD) return &ring()->head;
    return &waiters[location - SLEEPS].sleeping;
}

static void violate(const char *what) {
    if (!model.violation) model.violation = what;
}

/* Plain accesses to the rows of a slot. */
static void check_in_view(u32 location, const char *otherwise) {
    if (self()->view.seen[location] != model.now.accesses[location]) violate(otherwise);
}

static void count_access(u32 location) {
    self()->view.seen[location] = ++model.now.accesses[location];
}

static u32 slot_number(struct batch *b) {
    return (u32)(((u8 *)b - ring()->slots) / 64);
}

static void fill(struct batch *b) {
    u32 slot = slot_number(b);
    check_in_view(WRITES + slot, "a slot is written twice at once");
    check_in_view(READS + slot, "a slot is written while it is read");
    count_access(WRITES + slot);
    model.now.content[slot] = self()->count;
}

static void read_content(struct batch *b) {
    u32 slot = slot_number(b);
    check_in_view(WRITES + slot, "a slot is read while it is written");
    count_access(READS + slot);
    if (model.now.content[slot] != self()->count) violate("a batch is lost, repeated or exchanged");
}

/* ---- the two programs: produce (or consume) so many batches, sleeping where there is nothing to
   do ---- */

enum { LOOK, PASS_ON, NOTIFY, ANNOUNCE, LAST_LOOK, CANCEL, PARK };

static struct batch *look(void) {
    return model.self == PRODUCER ? ring_slot(ring()) : ring_peek(ring());
}

static void pass_on(void) {
    if (model.self == PRODUCER)
        ring_publish(ring());
    else
        ring_release(ring());
}

static u32 after_pass_on(void) {
    self()->count++;
    self()->done = self()->count == model.batches;
    return LOOK;
}

/* One call of the ring or the waiter; the answer is where the program goes on. */
static u32 call(u32 at) {
    bool early = model.weakness == LOOK_BEFORE_PUBLISHING;
    struct batch *b;
    switch (at) {
    case LOOK:
        b = look();
        if (!b) return model.sleeps ? ANNOUNCE : LOOK;
        if (model.self == PRODUCER)
            fill(b);
        else
            read_content(b);
        return early ? NOTIFY : PASS_ON;
    case PASS_ON:
        pass_on();
        return early || !model.sleeps ? after_pass_on() : NOTIFY;
    case NOTIFY:
        waiter_notify(&waiters[!model.self], &model_env);
        return early ? PASS_ON : after_pass_on();
    case ANNOUNCE:
        waiter_announce(&waiters[model.self]);
        return model.weakness == NO_LAST_LOOK ? PARK : LAST_LOOK;
    case LAST_LOOK:
        return look() ? CANCEL : PARK;
    case CANCEL:
        waiter_cancel(&waiters[model.self]);
        return LOOK;
    }
    waiter_park(&waiters[model.self], &model_env, TIME_FOREVER);
    return LOOK;
}

/* One access of the thread's program, with this choice of value; the answer is how many choices
   there were. */
static u32 step(u32 number, u32 choice) {
    model.self = number;
    model.choice = choice;
    model.choices = 1;
    model.replayed = 0;
    model.moved = false;
    ring()->head_seen = model.now.head_seen;
    ring()->tail_seen = model.now.tail_seen;
    if (!setjmp(model.leave)) {
        u32 at = call(self()->at);
        self()->at = (u8)at;
        self()->taken = 0;
        memset(self()->gave, 0, sizeof self()->gave);
        model.now.head_seen = ring()->head_seen;
        model.now.tail_seen = ring()->tail_seen;
    }
    return model.choices;
}

/* ---- all states ---- */

static void forget(struct view *view, u32 location, u8 count) {
    view->seen[location] = view->seen[location] > count ? (u8)(view->seen[location] - count) : 0;
}

/* Stores that every thread has seen surpassed are dropped, so that equal situations are equal
   states. */
static void drop_old_stores(void) {
    struct state *s = &model.now;
    for (u32 location = 0; location < ATOMICS; location++) {
        u8 old = s->thread[0].view.seen[location];
        if (s->thread[1].view.seen[location] < old) old = s->thread[1].view.seen[location];
        if (!old) continue;
        u8 left = (u8)(s->store_count[location] - old);
        memmove(s->stores[location], s->stores[location] + old, left * sizeof(struct store));
        memset(s->stores[location] + left, 0, old * sizeof(struct store));
        s->store_count[location] = left;
        for (u32 t = 0; t < THREADS; t++) forget(&s->thread[t].view, location, old);
        forget(&s->system, location, old);
        for (u32 other = 0; other < ATOMICS; other++)
            for (u32 i = 0; i < s->store_count[other]; i++)
                forget(&s->stores[other][i].view, location, old);
    }
}

static bool is_new(void) {
    u64 hash = hash_bytes(&model.now, sizeof model.now, 1) | 1;
    for (u64 i = hash;; i++) {
        u64 *place = &model.visited[i & (VISITED_ROOM - 1)];
        if (*place == hash) return false;
        if (*place) continue;
        *place = hash;
        ENSURE(++model.visited_count < VISITED_ROOM / 2);
        return true;
    }
}

static void explore(void) {
    drop_old_stores();
    if (model.violation || !is_new()) return;
    struct state before = model.now;
    bool all_done = true, stuck = true;
    for (u32 t = 0; t < THREADS; t++) {
        all_done &= before.thread[t].done;
        if (before.thread[t].done || before.thread[t].parked) continue;
        stuck = false;
        for (u32 choice = 0, choices = 1; choice < choices && !model.violation; choice++) {
            model.now = before;
            choices = step(t, choice);
            explore();
        }
    }
    if (all_done)
        model.ends++;
    else if (stuck)
        violate("a thread sleeps and nobody wakes it");
}

/* Null, or the first violation found. */
static const char *check_ring(u32 slots, u32 start, bool sleeps, enum weakness weakness) {
    memset(&model, 0, sizeof model);
    model.weakness = weakness;
    model.sleeps = sleeps;
    model.batches = sleeps ? 5 : 3 * slots + 2; /* sleeping has many more states */
    model.visited = calloc(VISITED_ROOM, sizeof *model.visited);
    ENSURE(model.visited);
    ring()->mask = slots - 1;
    ring()->slot_bytes = 64;
    model.now.head_seen = model.now.tail_seen = start;
    for (u32 i = 0; i < ATOMICS; i++) {
        model.now.store_count[i] = 1;
        model.now.stores[i][0].value = i < SLEEPS ? start : 0;
    }
    explore();
    free(model.visited);
    if (!model.violation && !model.ends) violate("nobody ever gets to the end");
    return model.violation;
}

static void check_size(u32 slots, u32 start, bool sleeps) {
    const char *violation = check_ring(slots, start, sleeps, NOTHING);
    if (!CHECK(!violation)) printf("  %u slots from %u: %s\n", slots, start, violation);
}

static void no_order_of_accesses_loses_or_tears_a_batch(void) {
    for (u32 slots = 1; slots <= SLOTS_MAX; slots *= 2) {
        check_size(slots, 0, false);
        check_size(slots, 0u - slots, false);
        check_size(slots, 0u - slots - 1, false);
        check_size(slots, INT32_MAX, false);
    }
    CHECK(model.visited_count > 1000);
}

static void no_order_of_accesses_loses_a_wake_up(void) {
    for (u32 slots = 1; slots <= SLOTS_MAX; slots *= 2) check_size(slots, 0u - slots, true);
    CHECK(model.visited_count > 100000);
}

static void a_relaxed_publication_is_found_out(void) {
    CHECK_STR(check_ring(2, 0, false, PUBLISH_RELAXED), "a slot is read while it is written");
}

static void a_relaxed_release_is_found_out(void) {
    CHECK_STR(check_ring(2, 0, false, RELEASE_RELAXED), "a slot is written while it is read");
}

static void a_relaxed_peek_is_found_out(void) {
    CHECK_STR(check_ring(2, 0, false, PEEK_RELAXED), "a slot is read while it is written");
}

static void a_relaxed_look_for_room_is_found_out(void) {
    CHECK_STR(check_ring(2, 0, false, SLOT_RELAXED), "a slot is written while it is read");
}

static void an_announcement_without_barrier_is_found_out(void) {
    CHECK_STR(check_ring(1, 0, true, NO_BARRIER), "a thread sleeps and nobody wakes it");
}

static void sleeping_without_a_last_look_is_found_out(void) {
    CHECK_STR(check_ring(1, 0, true, NO_LAST_LOOK), "a thread sleeps and nobody wakes it");
}

static void notifying_before_publishing_is_found_out(void) {
    CHECK_STR(check_ring(1, 0, true, LOOK_BEFORE_PUBLISHING),
              "a thread sleeps and nobody wakes it");
}

static const struct test tests[] = {
    TEST(no_order_of_accesses_loses_or_tears_a_batch),
    TEST(no_order_of_accesses_loses_a_wake_up),
    TEST(a_relaxed_publication_is_found_out),
    TEST(a_relaxed_release_is_found_out),
    TEST(a_relaxed_peek_is_found_out),
    TEST(a_relaxed_look_for_room_is_found_out),
    TEST(an_announcement_without_barrier_is_found_out),
    TEST(sleeping_without_a_last_look_is_found_out),
    TEST(notifying_before_publishing_is_found_out),
    { 0 },
};

int main(int argc, char **argv) {
    return suite_run("ring_model", tests, argc, argv);
}
