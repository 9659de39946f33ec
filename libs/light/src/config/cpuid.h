/* SPDX-License-Identifier: MIT */
/* cpuid.h - names of CPUID bits. */
#ifndef XENOLITH_LIGHT_CONFIG_CPUID_H
#define XENOLITH_LIGHT_CONFIG_CPUID_H

#include <xenolith/light-config.h>

enum cpuid_register { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX, CPUID_MSR };

struct cpuid_name {
    const char *name;
    uint32_t leaf; /* or the MSR's index */
    uint32_t subleaf;
    enum cpuid_register reg;
    unsigned int bit, nr; /* nr bits, from this one on */
};

extern const struct cpuid_name cpuid_names[];
extern const unsigned int nr_cpuid_names;

#endif /* XENOLITH_LIGHT_CONFIG_CPUID_H */
