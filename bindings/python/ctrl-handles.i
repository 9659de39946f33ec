/* SPDX-License-Identifier: MIT */
/* ctrl-handles.i - the objects of libxenolith-ctrl, for the modules that meet them. */
%handle(xctl_handle, bind_ctrl)
%handle(xctl_evtchn, bind_evtchn)
%handle(xctl_domain_iter, bind_iter)
