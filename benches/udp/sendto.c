// The plain way to send: one sendto a datagram.
//
//     sendto ADDRESS PORT COUNT LEN...
//
// The lengths are taken in turn.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	static char bytes[65536];
	if (argc < 5)
		return fprintf(stderr, "usage: sendto ADDRESS PORT COUNT LEN...\n"), 2;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[2])) };
	if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return fprintf(stderr, "sendto: no address: %s\n", argv[1]), 2;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return perror("socket"), 1;
	long count = atol(argv[3]);
	for (long at = 0; at < count; at++) {
		size_t len = atoi(argv[4 + at % (argc - 4)]);
		if (sendto(fd, bytes, len, 0, (struct sockaddr *)&to, sizeof to) < 0)
			return perror("sendto"), 1;
	}
	return 0;
}
