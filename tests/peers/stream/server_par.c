/* Serves each connection by a process of its own. */
#include <sys/wait.h>

#include "job.h"

int main(int argc, char **argv)
{
    struct server server = server_open(argc, argv);
    for (int i = 0; i < server.connections; i++) {
        int fd = server_accept(&server);
        pid_t worker = fork();
        if (worker < 0)
            die("fork");
        if (worker == 0) {
            server_job(fd, server.stamp + i);
            _exit(0);
        }
        close(fd);
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
