#include "../udp.h"
#include "three.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    msg_t msg = {.name = "Ada",
                 .math = (int32_t)htonl(100),
                 .chinese = (int32_t)htonl((uint32_t)-1),
                 .english = (int32_t)htonl(INT32_MAX)};
    udp_send(&peer, &msg, sizeof(msg));
    return 0;
}
