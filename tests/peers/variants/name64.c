#include "../udp.h"
#include "name64.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    struct student student = {.name = "Grace Hopper", .math = htonl(99), .chinese = htonl(71)};
    udp_send(&peer, &student, sizeof(student));
    return 0;
}
