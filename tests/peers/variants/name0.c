#include "../udp.h"
#include "name0.h"

int main(int argc, char **argv)
{
    static const char name[] = "Barbara Liskov";
    struct udp_peer peer = udp_sender(argc, argv);
    char bytes[sizeof(struct msg_st) + sizeof(name)];
    struct msg_st msg = {.math = htonl(83), .chinese = htonl(86)};
    memcpy(bytes, &msg, sizeof(msg));
    memcpy(bytes + sizeof(msg), name, sizeof(name));
    udp_send(&peer, bytes, sizeof(bytes));
    return 0;
}
