/* Serves by a pool of four workers. */
#include "pool.h"

enum { WORKERS = 4 };

int main(int argc, char **argv)
{
    struct pool pool = pool_open(argc, argv);
    pid_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        workers[i] = pool_worker(&pool);
    for (int served = 0; served < pool.server.connections;)
        served += pool_wait(&pool).event == SERVED;
    for (int i = 0; i < WORKERS; i++)
        pool_end(workers[i]);
    return 0;
}
