/* What every datagram peer needs of the socket API. A sender's first arguments are DEST PORT
 * SOURCE_PORT; the source port is fixed so that recording again changes nothing but the times. */
#ifndef UDP_H
#define UDP_H

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first of a sender's arguments that is not the socket's. */
enum { FIRST_VALUE = 4 };

struct udp_peer {
    int fd;
    struct sockaddr_storage to;
    socklen_t to_len;
};

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline struct addrinfo *udp_resolve(const char *host, const char *port, int family)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) {
        fprintf(stderr, "%s port %s: %s\n", host ? host : "*", port, gai_strerror(error));
        exit(1);
    }
    return found;
}

static inline int udp_bind(const char *port, int family)
{
    struct addrinfo *local = udp_resolve(NULL, port, family);
    int fd = socket(local->ai_family, SOCK_DGRAM, 0);
    if (fd < 0)
        die("socket");
    if (bind(fd, local->ai_addr, local->ai_addrlen) < 0)
        die("bind");
    freeaddrinfo(local);
    return fd;
}

/* A socket bound to SOURCE_PORT, and the address of DEST PORT. */
static inline struct udp_peer udp_sender(int argc, char **argv)
{
    if (argc < FIRST_VALUE) {
        fprintf(stderr, "usage: %s DEST PORT SOURCE_PORT [VALUE...]\n", argv[0]);
        exit(2);
    }
    struct udp_peer peer = {0};
    struct addrinfo *to = udp_resolve(argv[1], argv[2], AF_UNSPEC);
    memcpy(&peer.to, to->ai_addr, to->ai_addrlen);
    peer.to_len = to->ai_addrlen;
    peer.fd = udp_bind(argv[3], to->ai_family);
    freeaddrinfo(to);
    return peer;
}

static inline void udp_send(const struct udp_peer *peer, const void *bytes, size_t len)
{
    if (sendto(peer->fd, bytes, len, 0, (const struct sockaddr *)&peer->to, peer->to_len) < 0)
        die("sendto");
}

/* A receiver's arguments are PORT COUNT: it ends by itself after COUNT datagrams. An IPv6 socket
 * hears IPv4 too, unless the lesson needs an IPv4 option on it. */
static inline int udp_receiver(int argc, char **argv, int family, int *count)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s PORT COUNT\n", argv[0]);
        exit(2);
    }
    *count = atoi(argv[2]);
    return udp_bind(argv[1], family);
}

/* Says that the socket is open: the script waits for this line. */
static inline void udp_ready(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("listening");
}

#endif
