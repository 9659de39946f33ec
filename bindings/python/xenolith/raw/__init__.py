# SPDX-License-Identifier: MIT
"""The libraries as they are in C: xenolith.raw.ctrl, .store and .light.

Made by SWIG from the headers, which also are their documentation. Results are returned instead of
stored; failures are exceptions of xenolith.errors. Structures with a table of fields are JSON
text. What is opened may be dropped in any order; a closed one is refused.

>>> from xenolith.raw import ctrl
>>> h = ctrl.xctl_open("sim:")
>>> ctrl.xctl_domain_info(h, 0).domain
0
>>> ctrl.xctl_close(h)
"""
