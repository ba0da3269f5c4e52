/*
 * The server's time in seconds since 1970, as a line of text. The server writes it to whoever
 * connects, and closes.
 */
#ifndef STREAM_STAMP_H
#define STREAM_STAMP_H

#define SERVERPORT "1989"
#define FMT_STAMP "%lld\r\n"

#endif
