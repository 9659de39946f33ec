/* SPDX-License-Identifier: MIT */
/*
 * trace.h - trace records: what happened when, for xentrace in the control domain. Layout and event
 * numbers: public/trace.h.
 *
 * trace() may be called in any context but NMI and machine check, with any lock; while nobody
 * traces it costs one test.
 */
#ifndef XEN_TRACE_H
#define XEN_TRACE_H

#include <xen/compiler.h>
#include <xen/sched.h>
#include <public/sysctl.h>
#include <public/trace.h>

extern bool trace_on;

/* words: up to TRACE_EXTRA_MAX of them. A full buffer counts what it loses. */
void trace_record(u32 event, const u32 *words, unsigned int nr_words);

#define trace(event, ...)                                                    \
    do {                                                                     \
        if (unlikely(READ_ONCE(trace_on))) {                                 \
            const u32 words_[] = {__VA_ARGS__};                              \
            trace_record(event, words_, sizeof(words_) / sizeof(words_[0])); \
        }                                                                    \
    } while (0)

/* A vCPU in one word, as scheduler events name it. */
static inline u32 trace_vcpu(const struct vcpu *v)
{
    return v->vcpu_id | (u32)v->domain->domain_id << 16;
}

/* XEN_SYSCTL_tbuf_op, under sysctl_lock. -EINVAL, -ENOMEM, -EFAULT, -EPERM. */
long trace_control(struct xen_sysctl_tbuf_op *op);

#endif /* XEN_TRACE_H */
