/* Answers CONNECTIONS requests as HTTP/0.9 does: the bare FILE, then the close. It takes lines that
 * end in a bare line feed, as nginx does. */
#include "../tcp.h"

/* Reads until an empty line. */
static void read_request(int fd)
{
    char request[1024];
    size_t len = 0;
    while (len + 1 < sizeof(request)) {
        ssize_t got = recv(fd, request + len, sizeof(request) - 1 - len, 0);
        if (got <= 0)
            return;
        len += (size_t)got;
        request[len] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL || strstr(request, "\n\n") != NULL)
            return;
    }
}

static void write_file(int fd, const char *path)
{
    char bytes[4096];
    size_t len;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        die(path);
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
        tcp_write(fd, bytes, len);
    fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s PORT CONNECTIONS FILE\n", argv[0]);
        return 2;
    }
    int listener = tcp_listen(argv[1]);
    for (int i = 0; i < atoi(argv[2]); i++) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            die("accept");
        read_request(fd);
        write_file(fd, argv[3]);
        close(fd);
    }
    return 0;
}
