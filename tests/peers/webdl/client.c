/* Fetches /test.png as HTTP/0.9 does (RFC 1945, section 4.1) and prints how many bytes came. With
 * FILE, it keeps them there.
 *
 *   -DLINE_END='"\n"'   the mistake: lines ended by a bare line feed
 */
#include "../tcp.h"

#ifndef LINE_END
#define LINE_END "\r\n"
#endif

int main(int argc, char **argv)
{
    static const char request[] = "GET /test.png" LINE_END LINE_END;
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: %s HOST PORT SOURCE_PORT [FILE]\n", argv[0]);
        return 2;
    }
    FILE *file = argc == 5 ? fopen(argv[4], "wb") : NULL;
    if (argc == 5 && file == NULL)
        die(argv[4]);
    int fd = tcp_connect(argv[1], argv[2], argv[3]);
    tcp_write(fd, request, sizeof(request) - 1);
    char bytes[4096];
    size_t total = 0;
    ssize_t len;
    while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        total += (size_t)len;
        if (file != NULL && fwrite(bytes, 1, (size_t)len, file) != (size_t)len)
            die("fwrite");
    }
    if (len < 0)
        die("recv");
    if (file != NULL && fclose(file) != 0)
        die("fclose");
    printf("%zu bytes\n", total);
    close(fd);
    return 0;
}
