# SPDX-License-Identifier: MIT
LIBEXEC: str
