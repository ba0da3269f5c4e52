#include "../udp.h"
#include "scores.h"

int main(int argc, char **argv)
{
    struct udp_peer peer = udp_sender(argc, argv);
    grades_t grades = {.name = "张三", .score = {htons(91), htons(100), htons(0), htons(65535)}};
    udp_send(&peer, &grades, sizeof(grades));
    return 0;
}
