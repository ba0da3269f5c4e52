/* Workers that accept for themselves. They share a count of the connections, and tell the parent
 * through a pipe what they do. */
#ifndef POOL_H
#define POOL_H

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "job.h"

enum event { ACCEPTED = 'a', SERVED = 's' };

struct pool {
    struct server server;
    atomic_int *count; /* connections so far, shared */
    int events[2];
};

struct report {
    pid_t worker;
    char event;
};

static inline struct pool pool_open(int argc, char **argv)
{
    struct pool pool = {.server = server_open(argc, argv)};
    pool.count = mmap(NULL, sizeof(*pool.count), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pool.count == MAP_FAILED)
        die("mmap");
    if (pipe(pool.events) < 0)
        die("pipe");
    return pool;
}

static inline void pool_report(const struct pool *pool, char event)
{
    struct report report = {.worker = getpid(), .event = event};
    if (write(pool->events[1], &report, sizeof(report)) != sizeof(report))
        die("write");
}

/* Starts a worker, which serves until it is ended. */
static inline pid_t pool_worker(const struct pool *pool)
{
    pid_t worker = fork();
    if (worker < 0)
        die("fork");
    if (worker > 0)
        return worker;
    for (;;) {
        int fd = server_accept(&pool->server);
        int number = atomic_fetch_add(pool->count, 1);
        pool_report(pool, ACCEPTED);
        server_job(fd, pool->server.stamp + number);
        pool_report(pool, SERVED);
    }
}

static inline struct report pool_wait(const struct pool *pool)
{
    struct report report;
    if (read(pool->events[0], &report, sizeof(report)) != sizeof(report))
        die("read");
    return report;
}

static inline void pool_end(pid_t worker)
{
    kill(worker, SIGTERM);
    waitpid(worker, NULL, 0);
}

#endif
