/* <pthread.h>, <semaphore.h>, <signal.h>: opaque, as large as glibc has them. */
typedef unsigned long pthread_t;
typedef unsigned int pthread_key_t;
typedef int pthread_once_t;
typedef volatile int pthread_spinlock_t;

#if defined(__aarch64__)
#define __MUTEX_SIZE 48
#define __ATTR_SIZE 64
#define __RWLOCK_SIZE 56
#define __BARRIER_SIZE 32
#define __SMALL_SIZE 8
#elif __SIZEOF_POINTER__ == 8
#define __MUTEX_SIZE 40
#define __ATTR_SIZE 56
#define __RWLOCK_SIZE 56
#define __BARRIER_SIZE 32
#define __SMALL_SIZE 4
#else
#define __MUTEX_SIZE 24
#define __ATTR_SIZE 36
#define __RWLOCK_SIZE 32
#define __BARRIER_SIZE 20
#define __SMALL_SIZE 4
#endif

typedef union { char __size[__MUTEX_SIZE]; long __align; } pthread_mutex_t;
typedef union { char __size[__SMALL_SIZE]; int __align; } pthread_mutexattr_t;
typedef union pthread_attr_t { char __size[__ATTR_SIZE]; long __align; } pthread_attr_t;
typedef union { char __size[48]; long long __align; } pthread_cond_t;
typedef union { char __size[__SMALL_SIZE]; int __align; } pthread_condattr_t;
typedef union { char __size[__RWLOCK_SIZE]; long __align; } pthread_rwlock_t;
typedef union { char __size[8]; long __align; } pthread_rwlockattr_t;
typedef union { char __size[__BARRIER_SIZE]; long __align; } pthread_barrier_t;
typedef union { char __size[__SMALL_SIZE]; int __align; } pthread_barrierattr_t;
typedef union { char __size[4 * __SIZEOF_POINTER__]; long __align; } sem_t;
typedef pthread_mutex_t mtx_t;
typedef pthread_cond_t cnd_t;
typedef unsigned long thrd_t;
typedef struct { unsigned long __val[1024 / (8 * sizeof(unsigned long))]; } sigset_t;
typedef union sigval { int sival_int; void *sival_ptr; } sigval_t;
struct sched_param { int sched_priority; };
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)
#define PTHREAD_STACK_MIN 16384
