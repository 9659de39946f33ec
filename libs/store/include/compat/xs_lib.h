/* SPDX-License-Identifier: MIT */
/* xs_lib.h - the old name of xenstore_lib.h. */
#warning "xs_lib.h is the old name of xenstore_lib.h"
#include <xenstore_lib.h>
