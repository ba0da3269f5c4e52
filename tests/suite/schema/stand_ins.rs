//! Types of the platform, where no `-I` leads to the system's headers.

use wirereel::schema::{Abi, Layout, LoadOptions, Schema};

fn size(text: &str, abi: Abi) -> u64 {
    let text = format!("struct msg {{ {text} }};");
    let schema = Schema::parse("proto.h", &text, &LoadOptions { abi, ..LoadOptions::default() });
    assert_eq!(schema.diagnostics, [], "{text}");
    Layout::of(schema.record("msg").unwrap(), "msg", abi).unwrap().size
}

#[test]
fn they_are_as_large_as_the_c_library_has_them() {
    for (text, on_64, on_32) in [
        ("struct sockaddr_in6 a;", 28, 28),
        ("struct sockaddr_storage a;", 128, 128),
        ("struct in6_addr a; char b;", 20, 20),
        ("struct iovec a;", 16, 8),
        ("pthread_t a;", 8, 4),
        ("pthread_mutex_t a;", 40, 24),
        ("pthread_cond_t a;", 48, 48),
        ("sem_t a;", 32, 16),
        ("struct iphdr a; struct udphdr b;", 28, 28),
        ("struct tcphdr a;", 20, 20),
        ("struct ethhdr a;", 14, 14),
        ("struct timespec a; struct timeval b;", 32, 16),
        ("fd_set a;", 128, 128),
        ("struct list_head a; atomic_t b;", 24, 12),
        ("TAILQ_ENTRY(msg) links; LIST_HEAD(heads, msg) head; int n;", 32, 16),
        ("char c; __aligned_u64 a;", 16, 16),
        ("char name[IFNAMSIZ]; uint8_t mac[ETH_ALEN]; char path[PATH_MAX];", 4118, 4118),
        ("struct utsname a;", 390, 390),
        ("__kernel_sa_family_t a; __kernel_size_t b; struct __kernel_timespec c;", 32, 24),
        ("char a[DIV_ROUND_UP(9, 8)]; char b[KERNEL_VERSION(0, 0, 7)]; char c[EINVAL];", 31, 31),
        ("caddr_t a; int b;", 16, 8),
        ("uint8_t a[UINT8_MAX]; char b[offsetof(struct iphdr, ttl)];", 263, 263),
    ] {
        assert_eq!(size(text, Abi::X86_64), on_64, "{text}");
        assert_eq!(size(text, Abi::I386), on_32, "{text}");
    }
    assert_eq!(size("pthread_mutex_t a;", Abi::Aarch64), 48);
}

#[test]
fn a_header_may_declare_the_same_itself() {
    let text = "enum { AF_INET = 7, IFNAMSIZ, PATH_MAX = 3 };
        #ifdef AF_INET\n#error \"not included\"\n#endif
        #define TAILQ_ENTRY(t) t *only;
        struct in_addr { unsigned char bytes[4]; short more; };
        typedef int pthread_t;
        struct msg { struct in_addr a; pthread_t t; TAILQ_ENTRY(int) char p[PATH_MAX]; };";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
    let msg = schema.record("msg").unwrap();
    assert_eq!(Layout::of(msg, "msg", Abi::X86_64).unwrap().size, 32);
    assert_eq!(schema.constant("AF_INET"), Some(7));
    assert_eq!(schema.messages().collect::<Vec<_>>(), ["in_addr", "msg"]);
}

#[test]
fn what_is_included_counts_as_defined() {
    let text = "#include <sys/socket.h>\n#ifndef AF_INET\n#error \"included\"\n#endif
        #if INT_MAX < 40000 || UINT16_MAX != 65535\n#error \"numbers\"\n#endif
        struct msg { int family; };";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
}

/// Of each stand-in a type that its own numbers make.
#[test]
fn they_stay_as_large_once_included() {
    for (text, len) in [
        ("#include <pthread.h>\nstruct msg { pthread_mutex_t a; pthread_rwlock_t b; };", 96),
        ("#include <signal.h>\n#include <vendor.h>\nstruct msg { pthread_barrier_t a; };", 32),
        ("#include <pthread.h>\n#undef __MUTEX_SIZE\nstruct msg { pthread_mutex_t a; };", 40),
        ("#define __MUTEX_SIZE 3\nstruct msg { pthread_mutex_t a; };", 40),
    ] {
        let schema = Schema::parse("proto.h", text, &LoadOptions::default());
        assert_eq!(schema.diagnostics, [], "{text}");
        let msg = schema.record("msg").unwrap();
        assert_eq!(Layout::of(msg, "msg", Abi::X86_64).unwrap().size, len, "{text}");
    }
}

#[test]
fn conditions_see_what_is_included() {
    let text = "#include <sys/socket.h>\n#include <errno.h>\n#include <limits.h>\n#include <linux/version.h>
        #if !defined PF_INET6 || ENOMEM != 12 || PIPE_BUF < 512\n#error \"defined\"\n#endif
        #if LINUX_VERSION_CODE < KERNEL_VERSION(5, 0, 0)\n#error \"version\"\n#endif
        #if UINTPTR_MAX == UINT64_MAX && CHAR_MAX == 127 && INT64_MIN < 0 && SSIZE_MAX > INT_MAX
        enum { WIDE };\n#elif UINTPTR_MAX == UINT32_MAX\n#error \"narrow\"\n#else\n#error \"neither\"\n#endif
        enum { MY_NOMEM = -ENOMEM, MY_OTHER = -1000 };
        struct msg { int a; };";
    let schema = Schema::parse("proto.h", text, &LoadOptions::default());
    assert_eq!(schema.diagnostics, []);
    assert_eq!(schema.constant("MY_NOMEM"), Some(-12));
    assert_eq!(schema.constant("WIDE"), Some(0));
}
