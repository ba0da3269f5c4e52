/* Written in the wild: four scores in an array, the struct a packed typedef. */
#pragma once
#include <stdint.h>

#define NAMESIZE    25
#define SUBJECTS    4

typedef struct __attribute__((packed)) {
    char name[NAMESIZE];
    uint16_t score[SUBJECTS]; // 语文 数学 英语 物理
} grades_t;
