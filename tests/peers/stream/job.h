/* What a server does for one connection. Arguments of every server: PORT CONNECTIONS STAMP. It
 * ends by itself after so many connections; the first is told STAMP, the next one more, in place
 * of the clock, so that recording again gives the same values. */
#ifndef JOB_H
#define JOB_H

#include "../tcp.h"

#ifndef PROTO
#define PROTO "proto.h"
#endif
#include PROTO

struct server {
    int fd;
    int connections;
    long long stamp;
};

static inline struct server server_open(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS STAMP\n", argv[0]);
        exit(2);
    }
    return (struct server){
        .fd = tcp_listen(argv[1]), .connections = atoi(argv[2]), .stamp = atoll(argv[3])};
}

static inline int server_accept(const struct server *server)
{
    int fd = accept(server->fd, NULL, NULL);
    if (fd < 0)
        die("accept");
    return fd;
}

/* Writes the stamp and closes first; the client never writes. */
static inline void server_job(int fd, long long stamp)
{
    char line[64];
    int len = snprintf(line, sizeof(line), FMT_STAMP, stamp);
    tcp_write(fd, line, (size_t)len);
    close(fd);
}

#endif
