/*
 * DHCP (RFC 2131, section 2): a head as BOOTP has it, and a list of options (RFC 2132), each a type,
 * a length and a value; an option 0 fills up, 255 ends the list, and both are a byte alone.
 *
 * Arrays of one element are as long as the profile says.
 */
#ifndef PROFILE_DHCP_H
#define PROFILE_DHCP_H

#include <netinet/in.h>
#include <stdint.h>

enum dhcp_type { BOOT_REQUEST = 1, BOOT_REPLY = 2 };

/* RFC 2132, section 9.6, and RFC 3203, 4388, 6926. */
enum dhcp_message {
    DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM,
    FORCE_RENEW, LEASE_QUERY, LEASE_UNASSIGNED, LEASE_UNKNOWN, LEASE_ACTIVE
};

#define BROADCAST 0x8000                    /* the answer is to go to all */

enum dhcp_option_type {
    PAD = 0, SUBNET_MASK = 1, TIME_OFFSET = 2, ROUTER = 3, DOMAIN_NAME_SERVER = 6, HOSTNAME = 12,
    DOMAIN_NAME = 15, ROOT_PATH = 17, INTERFACE_MTU = 26, BROADCAST_ADDRESS = 28, STATIC_ROUTE = 33,
    NTP_SERVER = 42, VENDOR_SPECIFIC = 43, REQUESTED_IP_ADDRESS = 50, IP_ADDRESS_LEASE_TIME = 51,
    OPTION_OVERLOAD = 52, MESSAGE_TYPE = 53, SERVER_ID = 54, PARAMETER_REQUEST_LIST = 55, MESSAGE = 56,
    MAX_MESSAGE_SIZE = 57, RENEWAL_TIME = 58, REBINDING_TIME = 59, VENDOR_CLASS_ID = 60, CLIENT_ID = 61,
    TFTP_SERVER_NAME = 66, BOOTFILE_NAME = 67, USER_CLASS = 77, RAPID_COMMIT = 80, CLIENT_FQDN = 81,
    AGENT_INFORMATION = 82, CLIENT_ARCHITECTURE = 93, CLIENT_MACHINE_ID = 97, DOMAIN_SEARCH = 119,
    CLASSLESS_STATIC_ROUTE = 121, TFTP_SERVER_ADDRESS = 150, END = 255
} __attribute__((packed));             /* a byte */

/* RFC 2132, section 9.14. */
struct dhcp_client_id {
    uint8_t type;                           /* of hardware; 0: other; 255: RFC 4361 */
    uint8_t id[1];
} __attribute__((packed));

/* RFC 3046, section 2.0, and RFC 3004, section 4. */
struct dhcp_suboption {
    uint8_t type;
    uint8_t length;                         /* bytes of the value */
    uint8_t value[1];
} __attribute__((packed));

struct dhcp_class {
    uint8_t length;
    char data[255];
} __attribute__((packed));

struct dhcp_option {
    uint8_t type;
    uint8_t length;                         /* bytes of the value */
    union {
        struct in_addr subnet_mask;
        int32_t time_offset;                /* seconds east of UTC */
        struct in_addr router[1];
        struct in_addr domain_name_server[1];
        char hostname[255];
        char domain_name[255];
        char root_path[255];
        uint16_t interface_mtu;
        struct in_addr broadcast_address;
        struct in_addr ntp_server[1];
        struct in_addr requested_ip_address;
        uint32_t ip_address_lease_time;     /* seconds */
        uint8_t option_overload;            /* 1: file, 2: server, 3: both hold options */
        uint8_t dhcp;                       /* what the message is */
        struct in_addr dhcp_server_id;
        enum dhcp_option_type request_list_item[1];
        char message[255];
        uint16_t dhcp_max_message_size;
        uint32_t renewal_time_value;        /* seconds */
        uint32_t rebinding_time_value;      /* seconds */
        char vendor_class_id[255];
        struct dhcp_client_id client_id;
        char tftp_server_name[255];
        char bootfile_name[255];
        struct dhcp_class user_class[1];
        struct dhcp_suboption agent_information_option[1];
        struct in_addr tftp_server_address[1];
        uint8_t bytes[255];
    } __attribute__((packed)) value;
} __attribute__((packed));

struct dhcp {
    uint8_t type;
    struct {
        uint8_t type;                       /* 1: Ethernet */
        uint8_t len;                        /* bytes of an address */
    } __attribute__((packed)) hw;
    uint8_t hops;                           /* relays that it passed */
    uint32_t id;
    uint16_t secs;                          /* since the client began to ask */
    uint16_t flags;
    struct {
        struct in_addr client;              /* that the client has */
        struct in_addr your;                /* that it is given */
        struct in_addr server;              /* from which it boots */
        struct in_addr relay;
    } __attribute__((packed)) ip;
    uint8_t hw_mac_addr[6];
    uint8_t hw_addr_padding[10];
    char server[64];
    char file[128];
    uint32_t cookie;                        /* RFC 2132, section 2: 99.130.83.99 */
    struct dhcp_option option[1];
    uint8_t padding[1];                     /* behind the end of the options */
} __attribute__((packed));

#endif
