/* Answers each order with the order itself, one connection after another, until it is ended: PORT
 *
 * The mistake: in one connection, what is locked must not be cancelled. */
#include "../tcp.h"
#include "orders.h"

static int read_whole(int fd, void *bytes, size_t len)
{
    return recv(fd, bytes, len, MSG_WAITALL) == (ssize_t)len;
}

static void serve(int fd)
{
    struct order order;
    int is_locked = 0;
    while (read_whole(fd, &order, sizeof(order))) {
        uint16_t kind = ntohs(order.kind);
        if (kind == KIND_CANCEL && is_locked)
            abort();
        is_locked |= kind == KIND_LOCK;
        if (send(fd, &order, sizeof(order), MSG_NOSIGNAL) < 0)
            break;
    }
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    int fd = tcp_listen(argv[1]);
    for (;;) {
        int peer = accept(fd, NULL, NULL);
        if (peer < 0)
            die("accept");
        serve(peer);
    }
}
