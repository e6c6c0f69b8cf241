"""ZIPs as honest and as hostile people pack them."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
import zlib


def packed(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of these names and contents; a name may stand in it twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", compression) as made:
        warnings.simplefilter("ignore")
        for name, content in entries:
            made.writestr(zipfile.ZipInfo(name), content, compression)
    return out.getvalue()


def renamed(data: bytes, name: str, to: str) -> bytes:
    """Return a ZIP with another name of the same length, which zipfile itself would not write."""
    assert len(name) == len(to)
    return data.replace(name.encode(), to.encode("latin-1"))


def link(name: str, target: str) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(entry, target)
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """Return a ZIP whose entries say that they are encrypted."""
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = data.find(signature)
        while found >= 0:
            (flags,) = struct.unpack_from("<H", data, found + at)
            data = data[: found + at] + struct.pack("<H", flags | 1) + data[found + at + 2 :]
            found = data.find(signature, found + 4)
    return data


def bomb(entries: int, each: int) -> bytes:
    """Return a ZIP of so many entries of so many zeros; a megabyte of zeros is packed once and repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    content = megabyte * (each // 1_000_000) + b"\x03\0"
    body, listed = io.BytesIO(), b""
    for number in range(entries):
        name = f"{number}.png".encode()
        sizes = struct.pack("<HHQQ", 1, 16, each, len(content))
        shared = struct.pack("<HHHHHLLLHH", 45, 0, 8, 0, 33, 0, 2**32 - 1, 2**32 - 1, len(name), len(sizes))
        listed += b"PK\x01\x02" + struct.pack("<H", 45) + shared + struct.pack("<HHHLL", 0, 0, 0, 0, body.tell()) + name + sizes
        body.write(b"PK\x03\x04" + shared + name + sizes + content)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, len(listed), body.tell(), 0)
    return body.getvalue() + listed + tail


def lying(data: bytes, says: int) -> bytes:
    """Return a ZIP of one entry that says it has so many bytes unpacked."""
    local, central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
    size = struct.pack("<I", says)
    data = data[: local + 22] + size + data[local + 26 :]
    return data[: central + 24] + size + data[central + 28 :]


def long_list(entries: int, name: str = "a" * 1000) -> bytes:
    """Return a ZIP whose list names so many entries, all of which lie at the same place."""
    one = packed((name, b""), compression=zipfile.ZIP_STORED)
    central, end = one.find(b"PK\x01\x02"), one.find(b"PK\x05\x06")
    listed = one[central:end] * entries
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, len(listed), central, 0)
    return one[:central] + listed + tail
