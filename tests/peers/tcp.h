/* What every stream peer needs of the socket API. */
#ifndef TCP_H
#define TCP_H

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline int tcp_socket(const char *port, struct sockaddr_in *local)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    if (fd < 0)
        die("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        die("SO_REUSEADDR");
    *local = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (bind(fd, (struct sockaddr *)local, sizeof(*local)) < 0)
        die("bind");
    return fd;
}

/* Listens, and says so: the script waits for this line. */
static inline int tcp_listen(const char *port)
{
    struct sockaddr_in local;
    int fd = tcp_socket(port, &local);
    if (listen(fd, 200) < 0)
        die("listen");
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("listening");
    return fd;
}

/* Connects from SOURCE_PORT, fixed so that recording again gives the same ports. */
static inline int tcp_connect(const char *host, const char *port, const char *source_port)
{
    struct sockaddr_in address;
    int fd = tcp_socket(source_port, &address);
    address.sin_port = htons((uint16_t)atoi(port));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "%s is no IPv4 address\n", host);
        exit(2);
    }
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        die("connect");
    return fd;
}

static inline void tcp_write(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t written = send(fd, at, len, MSG_NOSIGNAL);
        if (written < 0)
            die("send");
        at += written;
        len -= (size_t)written;
    }
}

#endif
