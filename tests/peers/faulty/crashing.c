/* Tells the time as the servers of the third lesson do, and crashes when it is asked for the last
 * time. */
#include "../stream/job.h"

int main(int argc, char **argv)
{
    struct server server = server_open(argc, argv);
    for (int i = 1;; i++) {
        int fd = server_accept(&server);
        printf("request %d\n", i);
        if (i == server.connections)
            abort();
        server_job(fd, server.stamp + i - 1);
    }
}
