# SPDX-License-Identifier: MIT
"""What a host proves by who it is, when domains move over TLS."""

from __future__ import annotations

import os
from typing import Any

from .raw import light


class TlsFiles:
    """Names of PEM files: this host's certificate, its key, and the certificate of the authority that
    has signed those of both ends. peer: the name that the other end's certificate must have; "": the
    host that is connected to, or any when somebody connects.

    >>> from xenolith import TlsFiles
    >>> TlsFiles("host.pem", "host.key", "ca.pem").peer
    ''
    """

    def __init__(self, certificate: "str | os.PathLike[str]", key: "str | os.PathLike[str]",
                 authority: "str | os.PathLike[str]", peer: str = "") -> None:
        self.certificate, self.key = os.fspath(certificate), os.fspath(key)
        self.authority, self.peer = os.fspath(authority), peer

    def _raw(self) -> Any:
        files = light.xlight_tls_files()
        files.set(self.certificate, self.key, self.authority, self.peer)
        return files
