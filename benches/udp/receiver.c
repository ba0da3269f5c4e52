// Counts datagrams until none has come for half a second, or for IDLE seconds, and prints: how many,
// their bytes, the seconds from the first to the last, and how many a second.
//
//     receiver one|gro PORT [IDLE]
//
// With `gro` datagrams that came as one piece are taken as one (UDP_GRO), so that the receiver is not
// what is measured; each is counted. With `one` they are taken one by one, as most programs do.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

static double now(void)
{
	struct timespec it;
	clock_gettime(CLOCK_MONOTONIC, &it);
	return it.tv_sec + it.tv_nsec / 1e9;
}

// Length of each datagram of the piece that was taken.
static long segment(struct msghdr *message, long len)
{
	for (struct cmsghdr *it = CMSG_FIRSTHDR(message); it; it = CMSG_NXTHDR(message, it)) {
		int size;
		if (it->cmsg_level != IPPROTO_UDP || it->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(it), sizeof size);
		return size;
	}
	return len;
}

enum { MESSAGES = 64, ROOM = 65536 };

static char bytes[MESSAGES][ROOM];
static char controls[MESSAGES][CMSG_SPACE(sizeof(int))];
static struct iovec pieces[MESSAGES];
static struct mmsghdr messages[MESSAGES];

static int take(int fd)
{
	for (int at = 0; at < MESSAGES; at++) {
		pieces[at] = (struct iovec){ bytes[at], ROOM };
		messages[at].msg_hdr = (struct msghdr){ .msg_iov = &pieces[at], .msg_iovlen = 1,
			.msg_control = controls[at], .msg_controllen = sizeof controls[at] };
	}
	return recvmmsg(fd, messages, MESSAGES, MSG_WAITFORONE, NULL);
}

int main(int argc, char **argv)
{
	int on = 1, room = 64 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in here = { .sin_family = AF_INET };
	struct timeval first = { .tv_sec = 30 }, next = { .tv_usec = 500000 };
	if (argc != 3 && argc != 4)
		return fprintf(stderr, "usage: receiver one|gro PORT [IDLE]\n"), 2;
	if (argc == 4)
		next = first = (struct timeval){ .tv_sec = atoi(argv[3]) };
	here.sin_port = htons(atoi(argv[2]));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &first, sizeof first);
	if (!strcmp(argv[1], "gro"))
		setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&here, sizeof here) < 0)
		return perror("bind"), 1;
	puts("ready");
	fflush(stdout);
	long count = 0, total = 0;
	double begin = 0, end = 0;
	for (;;) {
		int taken = take(fd);
		if (taken < 0)
			break;
		end = now();
		if (!count) {
			begin = end;
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &next, sizeof next);
		}
		for (int at = 0; at < taken; at++) {
			long len = messages[at].msg_len;
			long each = segment(&messages[at].msg_hdr, len);
			count += each > 0 ? (len + each - 1) / each : 1;
			total += len;
		}
	}
	printf("%ld %ld %.6f %.0f\n", count, total, end - begin, count / (end - begin));
	return 0;
}
