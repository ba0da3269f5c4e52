/* Written in the wild: a label, and a line feed alone. */
#ifndef PROTO_H
#define PROTO_H

#define SERVERPORT "1989"
#define FMT_STAMP "Stamp:%lld\n"

#endif
