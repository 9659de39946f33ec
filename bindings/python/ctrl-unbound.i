/* SPDX-License-Identifier: MIT */
/* ctrl-unbound.i - functions that scripts have no use for: none. */
