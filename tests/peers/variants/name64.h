/* Written in the wild: a name of 64 bytes, packed by pragma. */
#ifndef NAME64_H_
#define NAME64_H_
#include <stdint.h>
#pragma pack(push, 1)
struct student
{
	char		name[64];
	uint32_t	math, chinese;
};
#pragma pack(pop)
#endif
