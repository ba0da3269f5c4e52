/* stream: the server's time in seconds since 1970, as a line of text. */
#ifndef PROTO_H
#define PROTO_H

#define SERVERPORT "1989"
#define FMT_STAMP "%lld\r\n"

#endif
