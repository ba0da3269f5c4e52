/* Sends Alan 83 86 (dgram-basic) from 10.0.0.1 to 10.0.0.2 in an Ethernet frame of its own making,
 * behind VLAN tags: no kernel option is needed for them.
 *
 * usage: sender INTERFACE PORT SOURCE_PORT TYPE:ID...     such as 88a8:20 8100:30, outermost first
 */
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>

#include "../dgram-basic/proto.h"
#include "../udp.h"

struct __attribute__((packed)) tag {
    uint16_t type;
    uint16_t id;
};

struct __attribute__((packed)) packet {
    struct iphdr ip;
    struct udphdr udp;
    struct msg_st msg;
};

/* What a UDP checksum covers before the header (RFC 768). */
struct __attribute__((packed)) pseudo_header {
    uint32_t from;
    uint32_t to;
    uint8_t zero;
    uint8_t protocol;
    uint16_t len;
};

static uint32_t sum(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    uint32_t total = 0;
    for (size_t i = 0; i < len; i++)
        total += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    return total;
}

static uint16_t checksum(uint32_t total)
{
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return htons((uint16_t)~total);
}

static struct packet alan(uint16_t port, uint16_t source_port)
{
    const size_t udp_len = sizeof(struct udphdr) + sizeof(struct msg_st);
    struct packet packet = {
        .ip = {.version = 4, .ihl = 5, .tot_len = htons(sizeof(packet)), .ttl = 64,
               .protocol = IPPROTO_UDP, .saddr = inet_addr("10.0.0.1"),
               .daddr = inet_addr("10.0.0.2")},
        .udp = {.source = htons(source_port), .dest = htons(port), .len = htons(udp_len)},
        .msg = {.name = "Alan", .math = htonl(83), .chinese = htonl(86)},
    };
    struct pseudo_header pseudo = {.from = packet.ip.saddr, .to = packet.ip.daddr,
                                   .protocol = IPPROTO_UDP, .len = packet.udp.len};
    packet.ip.check = checksum(sum(&packet.ip, sizeof(packet.ip)));
    packet.udp.check = checksum(sum(&pseudo, sizeof(pseudo)) + sum(&packet.udp, udp_len));
    return packet;
}

int main(int argc, char **argv)
{
    if (argc < FIRST_VALUE) {
        fprintf(stderr, "usage: %s INTERFACE PORT SOURCE_PORT TYPE:ID...\n", argv[0]);
        return 2;
    }
    uint8_t frame[256] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    size_t len = 2 * ETH_ALEN;
    for (int i = FIRST_VALUE; i < argc && len < 128; i++) {
        unsigned type, id;
        if (sscanf(argv[i], "%x:%u", &type, &id) != 2)
            die(argv[i]);
        struct tag tag = {.type = htons(type), .id = htons(id)};
        memcpy(frame + len, &tag, sizeof(tag));
        len += sizeof(tag);
    }
    uint16_t type = htons(ETHERTYPE_IP);
    struct packet packet = alan((uint16_t)atoi(argv[2]), (uint16_t)atoi(argv[3]));
    memcpy(frame + len, &type, sizeof(type));
    memcpy(frame + len + sizeof(type), &packet, sizeof(packet));
    len += sizeof(type) + sizeof(packet);

    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_halen = ETH_ALEN,
                               .sll_ifindex = (int)if_nametoindex(argv[1])};
    if (sendto(fd, frame, len, 0, (struct sockaddr *)&link, sizeof(link)) < 0)
        die("sendto");
    close(fd);
    return 0;
}
