#include "../udp.h"
#include "name13.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    struct msg_st msg = {.name = "Alan Turing", .math = htonl(83), .chinese = htonl(86)};
    udp_send(&peer, &msg, sizeof(msg));
    return 0;
}
