/* SPDX-License-Identifier: MIT */
/* The promotion test on a hypervisor that stops long hypercalls wherever it can (hv-args). */
#include "../promotion/main.c"
