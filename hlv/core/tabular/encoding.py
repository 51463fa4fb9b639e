"""Which encoding a file is in; a wrong one is an error with its place, never a guess in silence."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from hlv.core.tabular.eight_bit import candidates, certain_encoding
from hlv.core.tabular.errors import FormatError

_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_WAY = "--encoding NAME, in the browser the field Encoding"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python counts them among the encodings; they spell the names of hosts, and no file is written in them.
_OF_HOST_NAMES = frozenset({"idna", "punycode"})


@dataclass(frozen=True, slots=True)
class _Undecodable:
    byte: int
    line: int
    octet: int


def detect_encoding(path: Path, *, name: str) -> str:
    """The encoding of the whole file, checked to its last byte.

    Raises
    ------
    FormatError
        The bytes are no text, or no encoding reads all of them.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            check_encoding(path, encoding, name=name)
            return encoding
    wide = _utf16_without_bom(sample)
    if wide is not None:
        check_encoding(path, wide, name=name)
        return wide
    fault = _first_undecodable(path, "utf-8")
    if fault is None:
        return "utf-8"
    return _legacy_encoding(path, fault, name=name)


def check_encoding(path: Path, encoding: str, *, name: str) -> None:
    """Raise `FormatError` with byte and line where `path` is not in `encoding`."""
    known_encoding(encoding)
    try:
        fault = _first_undecodable(path, encoding)
    except UnicodeError as error:
        raise FormatError(
            f"{name} cannot be read as {encoding} ({error}): save it as UTF-8, or name the encoding it is in."
        ) from None
    if fault is not None:
        raise FormatError(
            f"{name}: byte {fault.byte} (line {fault.line}, value 0x{fault.octet:02X}) cannot be read as {encoding}: "
            f"save the file as UTF-8, or name the encoding it is in: {_WAY}."
        )


def known_encoding(name: str) -> str:
    """The name, where text is written in it. Raises `FormatError` where nothing, or no text, is."""
    try:
        # Some codecs turn bytes into bytes, and one only ever fails.
        "a".encode(name)
        is_of_files = codecs.lookup(name).name not in _OF_HOST_NAMES
    except (LookupError, ValueError):
        is_of_files = False
    if not is_of_files:
        raise FormatError(f"No encoding is called “{name}”: say for instance utf-8 or windows-1256.")
    return name


def _utf16_without_bom(sample: bytes) -> str | None:
    """UTF-16 text of any script has many zero (Latin) or equal (Arabic: 06) bytes on one side only."""
    pairs = sample[: len(sample) // 2 * 2]
    if len(pairs) < 4 or b"\x00" not in pairs:
        return None
    even, odd = pairs[0::2], pairs[1::2]
    n_even, n_odd = even.count(0), odd.count(0)
    # Blanks, separators and ends of lines have one in any script; a NUL here and there is only a fault.
    if 100 * max(n_even, n_odd) < len(even):
        return None
    if n_odd > 8 * n_even:
        return "utf-16-le"
    if n_even > 8 * n_odd:
        return "utf-16-be"
    return None


def _first_undecodable(path: Path, encoding: str) -> _Undecodable | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, n_lines = 0, 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                block = error.object
                # The codec counts from the bytes it still held, not from the chunk.
                byte = offset - len(pending) + error.start
                line = n_lines + block[: error.start].decode(encoding, errors="ignore").count("\n")
                return _Undecodable(byte=byte, line=line, octet=block[error.start])
            if not chunk:
                return None
            n_lines += text.count("\n")
            offset += len(chunk)


def _legacy_encoding(path: Path, fault: _Undecodable, *, name: str) -> str:
    with path.open("rb") as stream:
        # Mostly ASCII files would hide their script: look at the part around the first strange byte.
        stream.seek(max(0, fault.byte - _SAMPLE // 2))
        sample = stream.read(_SAMPLE)
    place = f"{name}: byte {fault.byte} (line {fault.line}, value 0x{fault.octet:02X})"
    if b"\x00" in sample:
        raise FormatError(f"{place} is not text: bring CSV, TSV, JSON, JSONL or XLSX.")
    if _is_mostly_utf8(sample):
        raise FormatError(
            f"{place} is not valid UTF-8, though the text around it is: repair that line, or name the encoding: {_WAY}."
        )
    found = certain_encoding(path, sample)
    if found is not None:
        return found
    raise FormatError(f"{place} is not valid UTF-8, and {_doubt(path, sample)} Name the right one: {_WAY}.")


def _doubt(path: Path, sample: bytes) -> str:
    read = [f"{encoding} reads “{word}”" for encoding, word in candidates(path, sample)]
    if not read:
        return "no other encoding fits."
    return f"its letters leave open which other encoding it is in. One word there: {', '.join(read)}."


def _is_mostly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", errors="replace")
    n_faults = text.count("\ufffd")
    n_wide = sum(1 for letter in text if letter > "\x7f") - n_faults
    return n_wide > 4 * n_faults
