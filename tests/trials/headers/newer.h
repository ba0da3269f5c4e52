/* What later standards and compilers for 64 bits have. */
#include <stdint.h>
struct wide { char c; __int128 i; unsigned __int128 u; _Float128 q; };
#ifdef __x86_64__
struct quad { char c; __float128 g; };
#endif
struct narrow_floats { char c; _Float16 h; _Float32 s; _Float64 d; };
struct of_arrays { char c; _Float16 h[3]; __int128 i[2]; };
