# SPDX-License-Identifier: MIT
# All of it takes and returns what the header says.
from typing import Any

def __getattr__(name: str) -> Any: ...
