/* Serves by a pool that keeps 5 to 10 workers idle and has 20 at most. */
#include <stdbool.h>

#include "pool.h"

enum { MIN_IDLE = 5, MAX_IDLE = 10, MAX_WORKERS = 20 };

struct slot {
    pid_t worker; /* 0: free */
    bool busy;
};

static int count_idle(const struct slot *slots)
{
    int idle = 0;
    for (int i = 0; i < MAX_WORKERS; i++)
        idle += slots[i].worker != 0 && !slots[i].busy;
    return idle;
}

static void grow(const struct pool *pool, struct slot *slots)
{
    for (int i = 0; i < MAX_WORKERS && count_idle(slots) < MIN_IDLE; i++)
        if (slots[i].worker == 0)
            slots[i] = (struct slot){.worker = pool_worker(pool)};
}

static void shrink(struct slot *slots)
{
    for (int i = 0; i < MAX_WORKERS && count_idle(slots) > MAX_IDLE; i++)
        if (slots[i].worker != 0 && !slots[i].busy) {
            pool_end(slots[i].worker);
            slots[i] = (struct slot){0};
        }
}

int main(int argc, char **argv)
{
    struct pool pool = pool_open(argc, argv);
    struct slot slots[MAX_WORKERS] = {0};
    grow(&pool, slots);
    for (int served = 0; served < pool.server.connections;) {
        struct report report = pool_wait(&pool);
        for (int i = 0; i < MAX_WORKERS; i++)
            if (slots[i].worker == report.worker)
                slots[i].busy = report.event == ACCEPTED;
        served += report.event == SERVED;
        grow(&pool, slots);
        shrink(slots);
    }
    for (int i = 0; i < MAX_WORKERS; i++)
        if (slots[i].worker != 0)
            pool_end(slots[i].worker);
    return 0;
}
