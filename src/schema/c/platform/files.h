/* <stdio.h>, <sys/types.h>, <sys/select.h>, <sys/ipc.h>, <termios.h>, <dirent.h>, <uuid/uuid.h> */
#define PATH_MAX 4096
#define MAXPATHLEN 4096
#define FILENAME_MAX 4096
#define NAME_MAX 255
#define HOST_NAME_MAX 64
#define MAXHOSTNAMELEN 64
#define BUFSIZ 8192
#define FD_SETSIZE 1024
#define NI_MAXHOST 1025
#define NI_MAXSERV 32

typedef struct _IO_FILE FILE;
typedef struct __dirstream DIR;
typedef long fpos_t[2];
typedef struct { int __val[2]; } fsid_t;
typedef struct { long __fds_bits[1024 / (8 * sizeof(long))]; } fd_set;
struct ipc_perm {
	key_t __key;
	uid_t uid;
	gid_t gid;
	uid_t cuid;
	gid_t cgid;
	mode_t mode;
	unsigned short __seq;
	unsigned long __reserved[2];
};
struct msgbuf { long mtype; char mtext[1]; };
struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; };
struct termios {
	unsigned int c_iflag;
	unsigned int c_oflag;
	unsigned int c_cflag;
	unsigned int c_lflag;
	unsigned char c_line;
	unsigned char c_cc[32];
	unsigned int c_ispeed;
	unsigned int c_ospeed;
};
typedef unsigned char uuid_t[16];
typedef char *caddr_t;
typedef int daddr_t;
struct utsname {
	char sysname[65];
	char nodename[65];
	char release[65];
	char version[65];
	char machine[65];
	char domainname[65];
};
struct addrinfo {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;
	struct addrinfo *ai_next;
};
struct hostent {
	char *h_name;
	char **h_aliases;
	int h_addrtype;
	int h_length;
	char **h_addr_list;
};
