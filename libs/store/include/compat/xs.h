/* SPDX-License-Identifier: MIT */
/* xs.h - the old name of xenstore.h. */
#warning "xs.h is the old name of xenstore.h"
#include <xenstore.h>
