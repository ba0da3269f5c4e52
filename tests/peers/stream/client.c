/* Asks for the time COUNT times, one connection after another, from SOURCE_PORT upwards, and
 * prints it. */
#include "../tcp.h"

#ifndef PROTO
#define PROTO "proto.h"
#endif
#include PROTO

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s HOST PORT SOURCE_PORT COUNT\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < atoi(argv[4]); i++) {
        char source_port[16];
        snprintf(source_port, sizeof(source_port), "%d", atoi(argv[3]) + i);
        FILE *stream = fdopen(tcp_connect(argv[1], argv[2], source_port), "r");
        long long stamp;
        if (stream == NULL || fscanf(stream, FMT_STAMP, &stamp) != 1) {
            fprintf(stderr, "no stamp\n");
            return 1;
        }
        printf("%lld\n", stamp);
        fclose(stream);
    }
    return 0;
}
