/*
 * RADIUS (RFC 2865, section 3): who may have access, and, on port 1813, of what is accounted (RFC 2866):
 * a head of 20 bytes and attributes, each a type, a length and a value.
 *
 * Arrays of one element are as long as the comment behind them or the profile says.
 */
#ifndef PROFILE_RADIUS_H
#define PROFILE_RADIUS_H

#include <netinet/in.h>
#include <stdint.h>

/* RFC 2865, section 4; RFC 2866, section 4; RFC 5176, section 2.3. */
enum radius_code {
    ACCESS_REQUEST = 1, ACCESS_ACCEPT, ACCESS_REJECT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE,
    ACCESS_CHALLENGE = 11, STATUS_SERVER, STATUS_CLIENT,
    DISCONNECT_REQUEST = 40, DISCONNECT_ACK, DISCONNECT_NAK, COA_REQUEST, COA_ACK, COA_NAK
};

/* RFC 2865, section 5; RFC 2866, section 5; RFC 2868, 2869, 3162, 5176. */
enum radius_type {
    USER_NAME = 1, USER_PASSWORD, CHAP_PASSWORD, NAS_IP_ADDRESS, NAS_PORT, SERVICE_TYPE, FRAMED_PROTOCOL,
    FRAMED_IP_ADDRESS, FRAMED_IP_NETMASK, FRAMED_ROUTING, FILTER_ID, FRAMED_MTU, FRAMED_COMPRESSION,
    LOGIN_IP_HOST, LOGIN_SERVICE, LOGIN_TCP_PORT, REPLY_MESSAGE = 18, CALLBACK_NUMBER, CALLBACK_ID,
    FRAMED_ROUTE = 22, FRAMED_IPX_NETWORK, STATE, CLASS, VENDOR_SPECIFIC, SESSION_TIMEOUT, IDLE_TIMEOUT,
    TERMINATION_ACTION, CALLED_STATION_ID, CALLING_STATION_ID, NAS_IDENTIFIER, PROXY_STATE,
    ACCT_STATUS_TYPE = 40, ACCT_DELAY_TIME, ACCT_INPUT_OCTETS, ACCT_OUTPUT_OCTETS, ACCT_SESSION_ID,
    ACCT_AUTHENTIC, ACCT_SESSION_TIME, ACCT_INPUT_PACKETS, ACCT_OUTPUT_PACKETS, ACCT_TERMINATE_CAUSE,
    ACCT_MULTI_SESSION_ID, ACCT_LINK_COUNT, ACCT_INPUT_GIGAWORDS, ACCT_OUTPUT_GIGAWORDS,
    EVENT_TIMESTAMP = 55, CHAP_CHALLENGE = 60, NAS_PORT_TYPE, TUNNEL_TYPE = 64, TUNNEL_MEDIUM_TYPE,
    EAP_MESSAGE = 79, MESSAGE_AUTHENTICATOR, TUNNEL_PRIVATE_GROUP_ID, ACCT_INTERIM_INTERVAL = 85,
    NAS_PORT_ID = 87, NAS_IPV6_ADDRESS = 95, FRAMED_IPV6_PREFIX = 97, ERROR_CAUSE = 101
};

/* RFC 2865, section 5.6. */
enum radius_service_type {
    LOGIN = 1, FRAMED, CALLBACK_LOGIN, CALLBACK_FRAMED, OUTBOUND, ADMINISTRATIVE, NAS_PROMPT,
    AUTHENTICATE_ONLY, CALLBACK_NAS_PROMPT, CALL_CHECK, CALLBACK_ADMINISTRATIVE, AUTHORIZE_ONLY = 17
};

/* RFC 2865, section 5.7. */
enum radius_framed_protocol { PPP = 1, SLIP, ARAP, GANDALF, XYLOGICS, X75 };

/* RFC 2866, section 5.1. */
enum radius_status_type { START = 1, STOP, INTERIM_UPDATE, ACCOUNTING_ON = 7, ACCOUNTING_OFF };

/* RFC 2866, section 5.10. */
enum radius_terminate_cause {
    USER_REQUEST = 1, LOST_CARRIER, LOST_SERVICE, IDLE, SESSION, ADMIN_RESET, ADMIN_REBOOT, PORT_ERROR,
    NAS_ERROR, NAS_REQUEST, NAS_REBOOT, PORT_UNNEEDED, PORT_PREEMPTED, PORT_SUSPENDED, SERVICE_UNAVAILABLE,
    CALLBACK, USER_ERROR, HOST_REQUEST
};

/* RFC 2865, section 5.41. */
enum radius_port_type {
    ASYNC, SYNC, ISDN, ISDN_V120, ISDN_V110, VIRTUAL,
    ETHERNET = 15, XDSL, CABLE, WIRELESS_OTHER, WIRELESS_80211
};

/* RFC 5176, section 3.5. */
enum radius_error_cause {
    RESIDUAL_CONTEXT_REMOVED = 201, UNSUPPORTED_ATTRIBUTE = 401, MISSING_ATTRIBUTE, NAS_MISMATCH,
    INVALID_REQUEST, UNSUPPORTED_SERVICE, UNSUPPORTED_EXTENSION, ADMINISTRATIVELY_PROHIBITED = 501,
    NOT_ROUTABLE, CONTEXT_NOT_FOUND, CONTEXT_NOT_REMOVABLE, RESOURCES_UNAVAILABLE = 506
};

/* Section 5.26: as most vendors fill it. */
struct radius_vendor_avp {
    uint8_t vendor_type;
    uint8_t vendor_len;                     /* bytes with these two */
    uint8_t value[1];                       /* wr: until = "end" */
} __attribute__((packed));

struct radius_vendor {
    uint32_t vendor_id;                     /* number of a private enterprise */
    struct radius_vendor_avp avp[1];
} __attribute__((packed));

struct radius_chap {
    uint8_t ident;
    uint8_t string[16];                     /* wr: text = false */
} __attribute__((packed));

/* RFC 2868, section 3: several tunnels are told apart by a tag. */
struct radius_tagged {
    uint8_t tag;
    uint8_t number[3];                      /* wr: as = "u24" */
} __attribute__((packed));

/* RFC 3162, section 2.3. */
struct radius_prefix {
    uint8_t reserved;
    uint8_t length;                         /* bits */
    /* as many bytes as it needs */
    uint8_t prefix[16];                     /* wr: until = "end" */
} __attribute__((packed));

struct radius_avp {
    uint8_t type;
    uint8_t length;                         /* bytes with these two */
    union {
        char User_Name[253];                /* wr: until = "end" */
        uint8_t User_Password[253];         /* wr: until = "end" */
        struct radius_chap CHAP_Password;
        struct in_addr NAS_IP_Address;
        uint32_t NAS_Port;
        uint32_t Service_Type;              /* wr: enum = "radius_service_type" */
        uint32_t Framed_Protocol;           /* wr: enum = "radius_framed_protocol" */
        struct in_addr Framed_IP_Address;
        struct in_addr Framed_IP_Netmask;
        char Filter_Id[253];                /* wr: until = "end" */
        uint32_t Framed_MTU;
        char Reply_Message[253];            /* wr: until = "end" */
        char Framed_Route[253];             /* wr: until = "end" */
        uint8_t State[253];                 /* wr: until = "end" */
        uint8_t Class[253];                 /* wr: until = "end" */
        struct radius_vendor Vendor_Specific;
        uint32_t Session_Timeout;           /* wr: unit = "s" */
        uint32_t Idle_Timeout;              /* wr: unit = "s" */
        char Called_Station_Id[253];        /* wr: until = "end" */
        char Calling_Station_Id[253];       /* wr: until = "end" */
        char NAS_Identifier[253];           /* wr: until = "end" */
        uint8_t Proxy_State[253];           /* wr: until = "end" */
        uint32_t Acct_Status_Type;          /* wr: enum = "radius_status_type" */
        uint32_t Acct_Delay_Time;           /* wr: unit = "s" */
        uint32_t Acct_Input_Octets;
        uint32_t Acct_Output_Octets;
        char Acct_Session_Id[253];          /* wr: until = "end" */
        uint32_t Acct_Session_Time;         /* wr: unit = "s" */
        uint32_t Acct_Input_Packets;
        uint32_t Acct_Output_Packets;
        uint32_t Acct_Terminate_Cause;      /* wr: enum = "radius_terminate_cause" */
        char Acct_Multi_Session_Id[253];    /* wr: until = "end" */
        uint32_t Acct_Input_Gigawords;
        uint32_t Acct_Output_Gigawords;
        uint32_t Event_Timestamp;           /* wr: show = "time", time = "s" */
        uint8_t CHAP_Challenge[253];        /* wr: until = "end" */
        uint32_t NAS_Port_Type;             /* wr: enum = "radius_port_type" */
        struct radius_tagged Tunnel_Type;
        struct radius_tagged Tunnel_Medium_Type;
        uint8_t EAP_Message[253];           /* wr: until = "end" */
        uint8_t Message_Authenticator[253]; /* wr: until = "end" */
        char Tunnel_Private_Group_Id[253];  /* wr: until = "end" */
        uint32_t Acct_Interim_Interval;     /* wr: unit = "s" */
        char NAS_Port_Id[253];              /* wr: until = "end" */
        struct in6_addr NAS_IPv6_Address;
        struct radius_prefix Framed_IPv6_Prefix;
        uint32_t Error_Cause;               /* wr: enum = "radius_error_cause" */
        uint8_t bytes[253];                 /* wr: until = "end" */
    } __attribute__((packed)) value;
} __attribute__((packed));

struct radius {
    uint8_t code;
    uint8_t id;                             /* an answer has that of its request */
    uint16_t length;                        /* bytes of the message */
    uint8_t authenticator[16];
    struct radius_avp avp[1];
} __attribute__((packed));

#endif
