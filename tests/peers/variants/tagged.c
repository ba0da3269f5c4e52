/* Sends path, data, end, and a type that nobody declared. */
#include "../udp.h"
#include "tagged.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    struct path_st path = {.type = htonl(MSG_PATH), .path = "/etc/services"};
    struct data_st data = {.type = htonl(MSG_DATA), .datalen = htons(4)};
    struct end_st end = {.type = htonl(MSG_END)};
    struct end_st unknown = {.type = htonl(9)};
    data.data[0] = htons(0x0102);
    data.data[1] = htons(0xfffe);
    udp_send(&peer, &path, sizeof(path));
    udp_send(&peer, &data, sizeof(data));
    udp_send(&peer, &end, sizeof(end));
    udp_send(&peer, &unknown, sizeof(unknown));
    return 0;
}
