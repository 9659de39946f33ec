# SPDX-License-Identifier: MIT
# The daemons. Each brings a fragment of its own: include daemons/NAME/NAME.mk here.
include daemons/xenstored/xenstored.mk
include daemons/xenconsoled/xenconsoled.mk
include daemons/systemd/systemd.mk
