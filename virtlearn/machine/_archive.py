"""An archive as Linux expects its first file system."""

from __future__ import annotations

__all__ = ["archive"]

# The cpio format "newc": every number in eight hexadecimal digits, every part on whole words.
CPIO_MAGIC = b"070701"
CPIO_FOLDER = 0o040755
CPIO_PROGRAM = 0o100755
CPIO_WORD = 4
CPIO_END = "TRAILER!!!"


def archive(files: dict[str, bytes | None]) -> bytes:
    """Pack files (None is a folder) as the kernel expects its first file system."""
    packed = b""
    parts = {**files, CPIO_END: b""}
    for inode, name in enumerate(parts, start=1):
        content = parts[name]
        packed += _padded(packed, _cpio_head(inode, name, content))
        packed += _padded(packed, content or b"")
    return packed


def _cpio_head(inode: int, name: str, content: bytes | None) -> bytes:
    mode = CPIO_FOLDER if content is None else CPIO_PROGRAM
    size, name_size = len(content or b""), len(name) + 1
    owner = (0, 0)
    links, time_s = 1, 0
    devices = (0, 0, 0, 0)
    checksum = 0
    numbers = (inode, mode, *owner, links, time_s, size, *devices, name_size, checksum)
    digits = b"".join(b"%08X" % number for number in numbers)
    return CPIO_MAGIC + digits + name.encode() + b"\0"


def _padded(before: bytes, part: bytes) -> bytes:
    """Fill a part up, so that what follows it begins on a whole word."""
    return part + b"\0" * (-len(before + part) % CPIO_WORD)
