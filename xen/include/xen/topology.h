/* SPDX-License-Identifier: MIT */
/* topology.h - how CPUs share cores and sockets, and what they can do, for the tools. */
#ifndef XEN_TOPOLOGY_H
#define XEN_TOPOLOGY_H

#include <xen/types.h>

unsigned int topology_core(unsigned int cpu); /* within its socket */
unsigned int topology_socket(unsigned int cpu);
/* Of CPU 0; all are taken to be alike. */
unsigned int topology_threads_per_core(void);
unsigned int topology_cores_per_socket(void);
/* CPUID feature words in the order of physinfo.hw_cap; the rest is zeroed. */
void cpu_feature_words(u32 *words, unsigned int nr);

#endif /* XEN_TOPOLOGY_H */
