/* What C lets one write around a struct, each in a few variants; gcc and clang say how it lies. */
#include <stddef.h>
#include <stdint.h>

/* Macros. */
#define MEMBERS(list...) list
#define NAMED_UNION(name, members...) \
	union { struct { members }; struct { members } name; }
#define ARRAY_OF(type, name, ...) type name[1 __VA_OPT__(+) __VA_ARGS__]
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define UNIQUE(prefix) JOIN(prefix, __COUNTER__)
#define PACKED __attribute__((__packed__))
#define APPLY(f, x) f(x)
#define FIELD(name) uint16_t name;
#define EACH(f) f(north) f(east) f(south) f(west)
#define LATER() FIELD
struct with_group { uint8_t kind; NAMED_UNION(ends, uint16_t from; uint32_t to;); uint8_t last; } PACKED;
struct with_list { MEMBERS(uint8_t a; uint32_t b, c; uint16_t d;) };
struct with_option { ARRAY_OF(uint32_t, one); ARRAY_OF(uint8_t, more, 2 + 3); };
struct with_each { EACH(FIELD) APPLY(FIELD, up) LATER()(down) };
struct UNIQUE(unique_) { char a; long b; };
#define SPLIT_OPEN struct split {
SPLIT_OPEN uint8_t a; uint64_t b; };
struct across { EACH(
#if 1
	FIELD
#else
	NONE
#endif
) uint8_t end; };
#pragma push_macro("FIELD")
#undef FIELD
#define FIELD(name) uint64_t name;
struct pushed { char c; FIELD(wide) };
#pragma pop_macro("FIELD")
struct popped { char c; FIELD(narrow) };
#if defined(__has_include) && __has_include(<stdint.h>) && !__has_include("no such file.h")
struct has_include { short a; int b; };
#endif
#if __has_attribute(packed) && __has_attribute(__aligned__) && !__has_attribute(no_such_attribute)
struct has_attribute { char a; int b; };
#endif
struct spli\
ced { uint8_t a; uint3\
2_t b; };
%:define DIGRAPHS 3
struct digraphs <% uint8_t a<:DIGRAPHS:>; uint16_t b; %>;
struct naïve { char größe; int länge; };

/* Numbers. */
enum { FIRST = 3, SECOND = FIRST << 2, THIRD = (int)sizeof(struct digraphs), NEGATIVE = -1 };
enum widths { W1 = 0x7fffffff, W2 = W1 + 1u };
enum long_one { L1 = 1, L2 = 0x100000000 };
enum __attribute__((packed)) small { S1 = 200, S2 = 255 };
enum small_too { T1 __attribute__((deprecated)) = -3, T2 = 100 } __attribute__((packed));
struct with_enums { char c; enum widths w; enum small s; enum long_one l; enum small_too t; };
struct sized {
	uint8_t a[SECOND];
	uint8_t b[sizeof(struct with_enums) * 2 - 1];
	uint8_t c[sizeof(((struct with_each *)0)->east)];
	uint8_t d[offsetof(struct with_enums, l)];
	uint8_t e[__builtin_offsetof(struct sized_inner { char x; struct { short y; } z[3]; }, z[2].y)];
	uint8_t f[sizeof("seven!") + sizeof 'a' + _Alignof(double)];
	uint8_t g[(size_t)&((struct with_list *)0)->d];
	uint8_t h[(FIRST > 2 ? 4 : 9) + ('a' == 97) + (-7 / 2 == -3) + (~0u >> 31)];
	uint8_t i[sizeof(int[3]) / sizeof(int) + sizeof(struct { char a; int b; })];
	uint8_t j[(uint8_t)300 + (int)sizeof(uint16_t (*)[4])];
	uint8_t k[__extension__ 2 + __builtin_offsetof(struct popped, narrow)];
	uint8_t l[sizeof(*(struct popped *)0) + sizeof((struct popped){0}.narrow)];
};

/* Types. */
struct numbers {
	_Bool flag; signed char sc; unsigned short int us; long unsigned lu; long long ll;
	float f; double d; long double ld; double _Complex dc; float _Complex fc; wchar_t w;
	__signed__ char gnu; __const int constant; volatile unsigned v; const char *restrict p;
	void (*callback)(int, const char *); int (*(*table)[3])(void); char **argv; uint8_t grid[2][3][4];
};
struct of_typeof { __typeof__(uint16_t) a; typeof(((struct numbers *)0)->d) b; __typeof__(int[3]) c; };
typedef unsigned int word_t;
struct shadowing { word_t word_t; char numbers; };
typedef int four_ints __attribute__((vector_size(16)));
struct with_vector { char c; four_ints v; };
typedef unsigned mode_di __attribute__((mode(DI)));
typedef int mode_qi __attribute__((__mode__(__QI__)));
struct with_modes { mode_qi q; mode_di d; int h __attribute__((mode(HI))); };
struct with_atomic { char c; _Atomic int a; _Atomic(short) b; };

/* Attributes. */
typedef uint64_t u64_at_4 __attribute__((aligned(4)));
typedef uint32_t u32_at_16 __attribute__((aligned(16)));
struct __attribute__((packed)) packed_first { char a; long b; };
struct packed_last { char a; long b; } __attribute__((packed, aligned(2)));
struct packed_member { char a; long b __attribute__((packed)); int c; };
struct aligned_member { char a; int b __attribute__((aligned(16))); char c; };
struct aligned_plain { char a; char b __attribute__((aligned)); };
struct alignas_member { char a; _Alignas(8) short b; _Alignas(double) char c; _Alignas(0) int d; };
struct of_aligned_types { char a; u64_at_4 b; u32_at_16 c; char d; };
struct packed_of_aligned { char a; u32_at_16 b; struct packed_last c; struct numbers d; } __attribute__((packed));
struct __attribute__((aligned(32))) over { char a; };
struct of_over { char c; struct over o; } __attribute__((packed));
typedef struct { char a; int b; } __attribute__((packed)) packed_t, *packed_p;
struct of_packed_t { char c; packed_t p[2]; packed_p q; };
struct many { unsigned a __attribute__((unused)), b __attribute__((deprecated("no"))), *c, d[2]; };
struct __attribute__((may_alias, deprecated)) harmless { __extension__ long long a; };
struct of_specifiers { char a; struct over __attribute__((aligned(8))) *p; const int __attribute__((packed)) q; };
union __attribute__((transparent_union)) both { int a; unsigned b; };

/* #pragma pack. */
#pragma pack(push, 1)
struct pack1 { char a; long b; struct { char c; int d; } e; };
#pragma pack(push, outer, 2)
struct pack2 { char a; long b; uint32_t c : 5; uint16_t d : 12; };
#pragma pack(4)
struct pack4 { char a; long b; u32_at_16 c; };
#pragma pack(pop, outer)
struct pack1_again { char a; long b; };
#pragma pack(pop)
struct pack_none { char a; long b; };
_Pragma("pack(2)") struct by_operator { char a; int b; }; _Pragma("pack()")
#define PACK(n) _Pragma(#n)
PACK(pack(1)) struct by_macro { char a; int b; }; PACK(pack())
#pragma pack(8)
struct pack8 { char a; long double b; };
#pragma pack()

/* Arrays and anonymous members. */
struct zero_length { uint16_t n; uint32_t z[0]; char c[0]; };
struct flexible { uint16_t n; uint32_t f[]; };
struct nested_flexible { char c; struct flexible f; };
struct hidden_flexible { uint8_t n; struct { struct { } __none; uint16_t f[]; }; };
struct anonymous { char a; struct { char b; union { int c; char d[7]; }; }; union { short e; }; };
struct tagged_inside { struct inside { char x; int y; } a, b[2]; enum { IN } e; char c; };
struct only_declares { struct inner_tag { int x; }; char c; };
struct empty { };
struct of_empty { char a; struct empty e; int b; };
union of_all { char a[5]; struct { char x; short y; } b; int c : 3; };

/* Bit-fields. */
struct bits { unsigned a : 3, b : 5, : 2, c : 20; int d : 17; unsigned char e : 4; uint64_t f : 40; };
struct bits_zero { char a : 4; int : 0; char b : 4; short : 0; long long c : 33; int : 0; };
struct bits_packed { unsigned a : 3; unsigned long long b : 40; unsigned c : 21; uint8_t d; } __attribute__((packed));
struct bits_bool { _Bool a : 1, b : 1; enum small s : 8; enum widths w : 32; signed int n : 2; };
struct bits_aligned { char a; unsigned b : 3 __attribute__((aligned(8))); unsigned c : 3; };
struct bits_member_packed { char a; uint32_t b : 30 __attribute__((packed)); uint32_t c : 9; };
union bits_union { unsigned a : 9; unsigned char b : 3; };

/* What is no type, and what C of long ago has. */
static inline int passed_over(int x) { struct local { int y; } l = { .y = x }; return ({ l.y; }); }
extern int prototype(const char *, ...) __attribute__((format(printf, 1, 2)));
int old_style(a, b) int a; char *b; { return a + !b; }
_Static_assert(sizeof(struct pack1) == 14 || sizeof(long) != 8, "packed");
static const struct many initialised = { .a = 1, .d = { [1] = 2 } };
__asm__(".globl nothing_of_this");
#define CHOICE(x) _Generic((x), int: 1, default: 2)
struct unsigned_last { char a; int b; } typedef unsigned_last_t;
int inline static typedef_free(void) { return CHOICE(1); }
;
# 900 "elsewhere.h"
struct behind_marker { char a; double b; };
