"""PDFs whose bytes depend on what is drawn and on nothing else."""

from __future__ import annotations

import re

_FONTS = re.compile(rb"(/Font <<\n)(.*?)(\n *>>)", re.DOTALL)
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_TRAILER = re.compile(rb"trailer\n(?P<words>.*?)startxref", re.DOTALL)
_STREAM = b"\nstream\n"


def settled(pdf: bytes) -> bytes:
    """The same document with its objects in the order in which they are referred to.

    The drawing program numbers and writes the fonts of a page in an order that changes from call to call. Raises
    ValueError where the document is not written as that program writes one.
    """
    objects, trailer = _read(pdf)
    numbers: dict[bytes, bytes] = {}
    waiting = _REFERENCE.findall(trailer)
    while waiting:
        number = waiting.pop(0)
        if number not in numbers:
            numbers[number] = b"%d" % (len(numbers) + 1)
            waiting += _REFERENCE.findall(objects[number][0])
    return _written(pdf[: pdf.index(b"\n")], objects, trailer, numbers)


def _read(pdf: bytes) -> tuple[dict[bytes, tuple[bytes, bytes]], bytes]:
    """Each object by its number, words and stream apart, and the words of the trailer."""
    start = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    trailer = _TRAILER.search(pdf, start)
    if not pdf.startswith(b"xref\n", start) or trailer is None:
        raise ValueError("The PDF has no plain table of its objects.")
    places = sorted(
        int(line[:10]) for line in pdf[start : trailer.start()].splitlines() if line.endswith(b"n")
    )
    objects = {}
    for place, end in zip(places, [*places[1:], start], strict=True):
        number, rest = pdf[place:end].split(b" 0 obj", 1)
        words, between, stream = rest.rstrip().removesuffix(b"endobj").partition(_STREAM)
        # The fonts of a page stand in any order too.
        words = _FONTS.sub(
            lambda found: found[1] + b"\n".join(sorted(found[2].split(b"\n"))) + found[3], words
        )
        objects[number] = (words, between + stream)
    return objects, trailer["words"]


def _written(
    head: bytes, objects: dict[bytes, tuple[bytes, bytes]], trailer: bytes, numbers: dict[bytes, bytes]
) -> bytes:
    def renumbered(words: bytes) -> bytes:
        return _REFERENCE.sub(lambda found: numbers[found[1]] + b" 0 R", words)

    # Four bytes above 127 tell programs that carry the file that it is no text.
    made = bytearray(head + b"\n%\x80\x80\x80\x80\n\n")
    places = []
    for old, new in numbers.items():
        words, stream = objects[old]
        places.append(len(made))
        made += new + b" 0 obj" + renumbered(words) + stream + b"endobj\n\n"
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(places) + 1)
    made += b"".join(b"%010d 00000 n\r\n" % place for place in places)
    made += b"trailer\n" + _sized(renumbered(trailer), len(places) + 1)
    return bytes(made + b"startxref\n%d\n%%%%EOF" % start)


def _sized(trailer: bytes, size: int) -> bytes:
    return re.sub(rb"/Size \d+", b"/Size %d" % size, trailer)
