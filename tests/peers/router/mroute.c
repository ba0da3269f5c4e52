/* Makes the kernel route one group from one sender, as a multicast routing daemon does: what comes
 * in at IN with a TTL or hop limit over 1 leaves at OUT, one less. Stays until it is ended. */
#include <arpa/inet.h>
#include <linux/mroute.h>
#include <linux/mroute6.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN, OUT };

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void set(int fd, int level, int option, const void *value, socklen_t len, const char *what)
{
    if (setsockopt(fd, level, option, value, len) < 0)
        die(what);
}

static int begin(int family, int protocol, int level, int init)
{
    int fd = socket(family, SOCK_RAW, protocol);
    int on = 1;
    if (fd < 0)
        die("socket");
    set(fd, level, init, &on, sizeof(on), "MRT_INIT");
    return fd;
}

static void route4(char **links, const char *source, const char *group)
{
    int fd = begin(AF_INET, IPPROTO_IGMP, IPPROTO_IP, MRT_INIT);
    for (int i = IN; i <= OUT; i++) {
        struct vifctl vif = {.vifc_vifi = (vifi_t)i, .vifc_flags = VIFF_USE_IFINDEX, .vifc_threshold = 1,
                             .vifc_lcl_ifindex = (int)if_nametoindex(links[i])};
        set(fd, IPPROTO_IP, MRT_ADD_VIF, &vif, sizeof(vif), "MRT_ADD_VIF");
    }
    struct mfcctl route = {.mfcc_parent = IN};
    inet_pton(AF_INET, source, &route.mfcc_origin);
    inet_pton(AF_INET, group, &route.mfcc_mcastgrp);
    route.mfcc_ttls[OUT] = 1;
    set(fd, IPPROTO_IP, MRT_ADD_MFC, &route, sizeof(route), "MRT_ADD_MFC");
}

static void route6(char **links, const char *source, const char *group)
{
    int fd = begin(AF_INET6, IPPROTO_ICMPV6, IPPROTO_IPV6, MRT6_INIT);
    for (int i = IN; i <= OUT; i++) {
        struct mif6ctl mif = {.mif6c_mifi = (mifi_t)i, .vifc_threshold = 1,
                              .mif6c_pifi = (unsigned short)if_nametoindex(links[i])};
        set(fd, IPPROTO_IPV6, MRT6_ADD_MIF, &mif, sizeof(mif), "MRT6_ADD_MIF");
    }
    struct mf6cctl route = {.mf6cc_parent = IN};
    inet_pton(AF_INET6, source, &route.mf6cc_origin.sin6_addr);
    inet_pton(AF_INET6, group, &route.mf6cc_mcastgrp.sin6_addr);
    IF_SET(OUT, &route.mf6cc_ifset);
    set(fd, IPPROTO_IPV6, MRT6_ADD_MFC, &route, sizeof(route), "MRT6_ADD_MFC");
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s IN OUT SOURCE GROUP\n", argv[0]);
        return 2;
    }
    if (strchr(argv[4], ':'))
        route6(argv + 1, argv[3], argv[4]);
    else
        route4(argv + 1, argv[3], argv[4]);
    puts("routing");
    fflush(stdout);
    pause();
    return 0;
}
