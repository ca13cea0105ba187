"""What job, server and guard say to each other: frames of bytes, and one mark in front of each answer."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO, Final

LENGTH: Final = struct.Struct(">I")
LARGEST: Final = 256 * 2**20
"""Bytes of a frame: far above any figure or image, and a bound for what a mistaken sender can make us read."""

DONE, FAILED, LOST, LATE = b"+", b"-", b"!", b"~"
"""An image; the browser refused the figure; browser or server went away (worth another try); out of time."""

PROBE: Final = b"{}"
"""Request to the guard that only asks whether the page still answers."""


def frame(content: bytes) -> bytes:
    return LENGTH.pack(len(content)) + content


def length_of(head: bytes) -> int:
    """The length that a frame begins with.

    Raises:
        ConnectionError: nobody of ours sends so much.
    """
    length: int = LENGTH.unpack(head)[0]
    if length > LARGEST:
        raise ConnectionError(f"a frame of {length} bytes")
    return length


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame of a blocking stream; None when it has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    length = length_of(head)
    content = stream.read(length)
    return content if len(content) == length else None


def receive(connection: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes.

    Raises:
        ConnectionError: the other side hung up.
        TimeoutError: the time-out of the connection passed.
    """
    parts = []
    while count:
        part = connection.recv(min(count, 1 << 20))
        if not part:
            raise ConnectionError("the renderer hung up")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
