/* What a compiler predefines, as far as headers of protocols ask for it. */
#define __STDC__ 1
#define __STDC_VERSION__ 201710L
#define __GNUC__ 14
#define __GNUC_MINOR__ 2
#define __linux__ 1
#define __unix__ 1
#define __x86_64__ 1
#define __LP64__ 1
#define __CHAR_BIT__ 8
#define __ORDER_LITTLE_ENDIAN__ 1234
#define __ORDER_BIG_ENDIAN__ 4321
#define __BYTE_ORDER__ 1234
#define __LITTLE_ENDIAN 1234
#define __BIG_ENDIAN 4321
#define __BYTE_ORDER 1234
#define __LITTLE_ENDIAN_BITFIELD 1

/* <sys/cdefs.h> */
#define __BEGIN_DECLS
#define __END_DECLS
#define __THROW

/* <inttypes.h> */
#define PRId8 "hhd"
#define PRId16 "hd"
#define PRId32 "d"
#define PRId64 "ld"
#define PRIi32 "i"
#define PRIi64 "li"
#define PRIu8 "hhu"
#define PRIu16 "hu"
#define PRIu32 "u"
#define PRIu64 "lu"
#define PRIx8 "hhx"
#define PRIx16 "hx"
#define PRIx32 "x"
#define PRIx64 "lx"
#define PRIX32 "X"
#define PRIX64 "lX"
#define SCNd32 "d"
#define SCNd64 "ld"
#define SCNu32 "u"
#define SCNu64 "lu"
#define SCNx32 "x"
#define SCNx64 "lx"

/* <netinet/in.h>, <sys/socket.h>, <sys/time.h>, <time.h>, <net/ethernet.h> */
struct in_addr { in_addr_t s_addr; };
struct in6_addr { uint8_t s6_addr[16]; };
struct sockaddr { sa_family_t sa_family; char sa_data[14]; };
struct sockaddr_in {
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
	unsigned char sin_zero[8];
};
struct timeval { time_t tv_sec; suseconds_t tv_usec; };
struct timespec { time_t tv_sec; long tv_nsec; };
struct ether_addr { uint8_t ether_addr_octet[6]; } __attribute__((packed));
struct ether_header {
	uint8_t ether_dhost[6];
	uint8_t ether_shost[6];
	uint16_t ether_type;
} __attribute__((packed));
