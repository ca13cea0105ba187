"""TCP ports: is ours free, and where is one that is."""

from __future__ import annotations

import errno
import socket

from core.errors import SettingsError


def require_free(host: str, port: int) -> None:
    """Make sure that the dashboard can listen.

    Raises:
        SettingsError: somebody else listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SettingsError(
                    f"Port {port} is taken by another program: stop it, or choose another port: "
                    f"CHARTROOM_PORT={port + 1} make run",
                    port,
                ) from error
            raise SettingsError(
                f"The dashboard cannot listen on {host}:{port} ({error.strerror or error}): "
                "correct CHARTROOM_HOST and CHARTROOM_PORT.",
                (host, port),
            ) from error


def free_port() -> int:
    """A port on the loopback address that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
