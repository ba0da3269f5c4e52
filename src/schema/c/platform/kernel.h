/* <linux/types.h>, <linux/stddef.h>, <linux/list.h>: what headers of the kernel are written with. */
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#define __aligned_s64 __s64 __attribute__((aligned(8)))
#define __aligned_be64 __be64 __attribute__((aligned(8)))
#define __aligned_le64 __le64 __attribute__((aligned(8)))
#define __bitwise
#define __bitwise__
#define __user
#define __kernel
#define __force
#define __rcu
#define __iomem
#define __percpu
#define __nonstring __attribute__((nonstring))
#define __counted_by(member) __attribute__((counted_by(member)))
#define __counted_by_le(member) __attribute__((__counted_by_le__(member)))
#define __counted_by_be(member) __attribute__((__counted_by_be__(member)))
#define __sized_by(member) __attribute__((__sized_by__(member)))
#define __counted_by_ptr(member)
#define __struct_group(TAG, NAME, ATTRS, MEMBERS...) \
	union { struct { MEMBERS } ATTRS; struct TAG { MEMBERS } ATTRS NAME; } ATTRS
#define struct_group(NAME, MEMBERS...) __struct_group(, NAME, , MEMBERS)
#define struct_group_attr(NAME, ATTRS, MEMBERS...) __struct_group(, NAME, ATTRS, MEMBERS)
#define struct_group_tagged(TAG, NAME, MEMBERS...) __struct_group(TAG, NAME, , MEMBERS)
#define __DECLARE_FLEX_ARRAY(TYPE, NAME) struct { struct { } __empty_##NAME; TYPE NAME[]; }
#define DECLARE_FLEX_ARRAY(TYPE, NAME) __DECLARE_FLEX_ARRAY(TYPE, NAME)
#define _AC(value, suffix) (value##suffix)
#define _UL(value) _AC(value, UL)
#define _ULL(value) _AC(value, ULL)
#define _BITUL(bit) (_UL(1) << (bit))
#define _BITULL(bit) (_ULL(1) << (bit))
#define BIT(bit) (1UL << (bit))
#define BIT_ULL(bit) (1ULL << (bit))
#define __KERNEL_DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP(n, d) __KERNEL_DIV_ROUND_UP(n, d)
#define __ALIGN_KERNEL(size, align) (((size) + (align) - 1) & ~((__typeof__(size))(align) - 1))
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE 396288
#define MAX_ADDR_LEN 32
#define BITS_PER_LONG (8 * __SIZEOF_LONG__)
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

struct list_head { struct list_head *next, *prev; };
struct hlist_head { struct hlist_node *first; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __attribute__((aligned(sizeof(long))));
struct rb_root { struct rb_node *rb_node; };
typedef struct { int counter; } atomic_t;
typedef struct { int64_t counter; } atomic64_t;
typedef int __kernel_pid_t;
typedef int __kernel_clockid_t;
typedef int __kernel_timer_t;
typedef int __kernel_key_t;
typedef unsigned int __kernel_uid32_t;
typedef unsigned int __kernel_gid32_t;
typedef unsigned short __kernel_sa_family_t;
typedef size_t __kernel_size_t;
typedef ssize_t __kernel_ssize_t;
typedef ptrdiff_t __kernel_ptrdiff_t;
typedef long __kernel_long_t;
typedef unsigned long __kernel_ulong_t;
typedef long __kernel_off_t;
typedef long __kernel_old_time_t;
typedef long __kernel_suseconds_t;
typedef long __kernel_clock_t;
typedef long long __kernel_loff_t;
typedef long long __kernel_time64_t;
typedef unsigned __poll_t;
struct __kernel_timespec { __kernel_time64_t tv_sec; long long tv_nsec; };
struct __kernel_sockaddr_storage {
	__kernel_sa_family_t ss_family;
	char __data[126];
} __attribute__((aligned(sizeof(void *))));
