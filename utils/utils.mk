# SPDX-License-Identifier: MIT
# The command-line tools. Each group brings a fragment of its own: include utils/NAME/NAME.mk here.

include utils/xenstore/xenstore.mk
include utils/xenconsole/xenconsole.mk
include utils/xentop/xentop.mk
include utils/xl/xl.mk
