/* SPDX-License-Identifier: MIT */
/* fail-alloc.c - the counter of tests/shim/fail-alloc.h, for all programs with libctrl-san.a. */
#include "fail-alloc.h"

FAIL_ALLOC_DEFINE
