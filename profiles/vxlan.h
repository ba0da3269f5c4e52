/*
 * VXLAN (RFC 7348, section 5): the head before a frame of Ethernet that goes through a network of IP,
 * with the policy of a group (draft-smith-vxlan-group-policy, section 2.1).
 *
 * What is reserved has no name. Bit-fields stand from the lowest bit of a byte upward, as x86 compilers
 * place them.
 */
#ifndef PROFILE_VXLAN_H
#define PROFILE_VXLAN_H

#include <stdint.h>

struct vxlan {
    uint8_t : 3;
    uint8_t flag_i : 1;                     /* there is a network, as there always is */
    uint8_t : 3;
    uint8_t flag_g : 1;                     /* there is a policy */
    uint8_t : 3;
    uint8_t flag_a : 1;                     /* the policy was applied */
    uint8_t : 2;
    uint8_t flag_d : 1;                     /* the far end is not to learn the address */
    uint8_t : 1;
    uint16_t gbp;                           /* number of the policy */
    uint8_t vni[3];                         /* number of the network */
    uint8_t reserved8;
    uint8_t frame[];
} __attribute__((packed));

#endif
