/* SPDX-License-Identifier: MIT */
/* atomic.h - atomic counters, compare-and-exchange, memory barriers. */
#ifndef XEN_ATOMIC_H
#define XEN_ATOMIC_H

#include <xen/types.h>

typedef struct {
    int counter;
} atomic_t;

#define ATOMIC_INIT(i) {i}
#define atomic_read(v)          __atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_set(v, i)        __atomic_store_n(&(v)->counter, i, __ATOMIC_RELAXED)
#define atomic_inc(v)           ((void)__atomic_fetch_add(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_dec(v)           ((void)__atomic_fetch_sub(&(v)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_add_return(i, v) __atomic_add_fetch(&(v)->counter, i, __ATOMIC_SEQ_CST)
#define atomic_inc_return(v)    atomic_add_return(1, v)
#define atomic_dec_and_test(v)  (__atomic_sub_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST) == 0)

/* Both return the old value; full barriers. */
#define xchg(ptr, val) __atomic_exchange_n(ptr, val, __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, new)                                                                     \
    ({                                                                                             \
        __typeof__(*(ptr)) cx_old_ = (old);                                                        \
        __atomic_compare_exchange_n(ptr, &cx_old_, new, false, __ATOMIC_SEQ_CST,                   \
                                    __ATOMIC_SEQ_CST);                                             \
        cx_old_;                                                                                   \
    })

#define smp_mb()  __asm__ volatile("mfence" ::: "memory")
/* x86 keeps loads in order with loads and stores with stores: the compiler alone must be told. */
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define cpu_relax() __asm__ volatile("pause" ::: "memory")

#endif /* XEN_ATOMIC_H */
