/* The mistake: nothing ends the record but the close. */
#ifndef PROTO_H
#define PROTO_H

#define SERVERPORT "1989"
#define FMT_STAMP "%lld"

#endif
