"""Reading a file as blocks of whole lines of text, compressed or not, with its fingerprint."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import MarketDataError

BLOCK = 4 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_UTF8_MARK = codecs.BOM_UTF8
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KNOWN = {
    b"PK\x03\x04": "a spreadsheet or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "a data base",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
}


class _Watched(io.RawIOBase):
    """A file that hashes what is read from it and reports how far it is."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.digest.update(data)
        self._progress(len(data))
        return len(data)


class TextSource:
    """The text of one file. `sha256` is that of the whole file as it lies on disk, once all blocks were read."""

    def __init__(self, path: Path, progress: Callable[[int], None]) -> None:
        self.path = path
        self.sha256 = ""
        self._progress = progress

    def blocks(self) -> Iterator[bytes]:
        """Blocks of whole lines in UTF-8, without a byte order mark, all line ends as a line feed.

        Raises:
            MarketDataError: the file is missing, empty, cut off, or no text; one sentence that says which.
        """
        try:
            with self.path.open("rb") as file:
                watched = _Watched(file, self._progress)
                yield from _lines(self._text(io.BufferedReader(watched, BLOCK)))
                self.sha256 = watched.digest.hexdigest()
        except IsADirectoryError as error:
            raise self._refusal("is a folder: name a file in it") from error
        except FileNotFoundError as error:
            raise self._refusal("does not exist: check the path") from error
        except PermissionError as error:
            raise self._refusal("may not be read: change its permissions") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._refusal("is cut off or damaged: get it again") from error
        except OSError as error:
            raise self._refusal(f"cannot be read ({error.strerror or error}): check the path") from error

    def _text(self, file: io.BufferedReader) -> Iterator[bytes]:
        if file.peek(2)[:2] == _GZIP:
            file = io.BufferedReader(gzip.GzipFile(fileobj=file), BLOCK)
        head = file.peek(64)[:64]
        if not head:
            raise self._refusal("is empty: export it again")
        for mark, kind in _KNOWN.items():
            if head.startswith(mark):
                raise self._refusal(f"is {kind}, not text: export or unpack it as CSV")
        if head.startswith(_UTF16_MARKS):
            yield from _decode_utf16(file)
            return
        file.read(len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 0)
        while block := file.read(BLOCK):
            if b"\0" in block:
                raise self._refusal("is not text: export it as CSV")
            yield block

    def _refusal(self, what: str) -> MarketDataError:
        return MarketDataError(f"{self.path.name or self.path} {what}.", self.path)


def _decode_utf16(file: io.BufferedReader) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while block := file.read(BLOCK):
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut at line ends; a block without any is the line end of old Macs, a lone carriage return, or one long line."""
    rest = b""
    for block in blocks:
        text = rest + block
        cut = text.rfind(b"\n") + 1
        if not cut and b"\r" in text[:-1]:
            text = text.replace(b"\r", b"\n")
            cut = text.rfind(b"\n") + 1
        rest = text[cut:]
        if cut:
            yield text[:cut]
    if rest:
        yield rest.replace(b"\r", b"\n") if b"\n" not in rest else rest
