#include "runtime/exec/simulate.h"

#include "runtime/base/prng.h"
#include "runtime/exec/task.h"

bool sim_all_done(const struct engine *e) {
    for (u32 i = 0; i < e->task_count; i++)
        if (!e->tasks[i]->done) return false;
    return true;
}

u32 sim_step_all(struct engine *e) {
    u32 work = 0;
    for (u32 round = 0; round < 3; round++)
        for (u32 i = 0; i < e->task_count; i++) work += task_step(e->tasks[i]);
    return work;
}

void sim_squeeze(struct engine_config *config, u64 seed) {
    static const u32 slots[] = { 1, 1, 2, 4 }, sizes[] = { 192, 256, 320, 1024 };
    struct prng prng;
    prng_init(&prng, seed);
    config->ring_slots = slots[prng_below(&prng, 4)];
    config->slot_bytes = sizes[prng_below(&prng, 4)];
    config->control_room = 1 + (u32)prng_below(&prng, 3);
    config->lookback = 4;
    config->window = 1 + (u32)prng_below(&prng, 4);
    config->ring_start = prng_chance(&prng, 1, 2) ? UINT32_MAX - 2 : 0;
}
