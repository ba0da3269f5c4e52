#include "../udp.h"
#include "order.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    struct msg_st msg = {.math = htonl(83), .name = "Alan", .chinese = htonl(86)};
    udp_send(&peer, &msg, sizeof(msg));
    return 0;
}
