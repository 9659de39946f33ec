# SPDX-License-Identifier: MIT
# The libraries. Each brings a fragment of its own: include libs/NAME/NAME.mk here.

include libs/ctrl/ctrl.mk
include libs/store/store.mk
include libs/light/light.mk
