"""From a spec to bytes: SVG, PNG and PDF of the same drawing, without a network."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from typing import Literal

import altair as alt
import fontpkg_noto_sans_arabic
import orjson
import vl_convert

from hlv.core.figures.layers import ARABIC, DESCRIPTION, Group, Layer, Part
from hlv.core.figures.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, PALETTES, SHOWN_FONT, Palette

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
        # The fonts of a page are in any order, too.
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


Width = Literal["wide", "slim"]
# The pixels at which the page shows them: letters keep their size.
SHOWN_WIDTH: dict[Width, int] = {"wide": 816, "slim": 358}
PNG_SCALE = 2.0


@dataclass(frozen=True)
class Drawing:
    """A figure as it was drawn, and what is made of it only when asked for."""

    drawn: str

    @cached_property
    def svg(self) -> bytes:
        return _for_browsers(self.drawn)

    @cached_property
    def png(self) -> bytes:
        return bytes(vl_convert.svg_to_png(self.drawn, scale=PNG_SCALE))

    @cached_property
    def pdf(self) -> bytes:
        return settled(bytes(vl_convert.svg_to_pdf(self.drawn)))

    @property
    def as_file(self) -> Drawing:
        """The same on white with a margin."""
        return Drawing(as_file(self.drawn.encode()).decode())


@dataclass(frozen=True)
class Margins:
    left: int
    right: int
    top: int
    bottom: int


@cache
def _register_fonts() -> None:
    # A bare server has no Arabic face, and its letters would come out as boxes.
    vl_convert.register_font_directory(str(fontpkg_noto_sans_arabic.ROOT / "files"))


@dataclass(frozen=True, kw_only=True)
class FigureSpec:
    """A drawing of exactly this many pixels: the plot and its margins, nothing fitted or moved."""

    chart: Part
    palette: Palette
    margins: Margins
    width: int
    height: float
    description: str


def _outline(spec: FigureSpec, layers: list[Layer]) -> dict[str, object]:
    """In Vega-Lite, without the rows of its layers and without its size."""
    text = {"color": spec.palette.ink, "fontSize": 14, "baseline": "middle", "font": DRAWN_FONT}
    return {
        "$schema": alt.SCHEMA_URL,
        **_chart_outline(spec.chart, layers),
        "autosize": {"type": "none"},
        "background": spec.palette.sheet,
        "config": {
            "font": DRAWN_FONT,
            "view": {"stroke": None},
            "text": text,
            "rule": {"color": spec.palette.rule},
        },
    }


def _chart_outline(chart: Part, layers: list[Layer]) -> dict[str, object]:
    """With names in place of the rows of each layer, which `layers` takes."""
    if isinstance(chart, Group):
        own_scales = {"resolve": {"scale": {"x": "independent"}}} if chart.has_own_scales else {}
        return {"layer": [_chart_outline(part, layers) for part in chart.parts], **own_scales}
    data = {"name": f"{_ROWS}{len(layers)}"}
    layers.append(chart)
    if not chart.is_described:
        return {"mark": {**chart.style.mark, "aria": False}, "encoding": chart.style.encoding, "data": data}
    described = {"description": {"field": DESCRIPTION, "type": "nominal"}}
    # The drawing keeps the name: a page finds the points by it.
    name = f"points-{sum(layer.is_described for layer in layers)}"
    return {
        "mark": chart.style.mark,
        "encoding": {**chart.style.encoding, **described},
        "data": data,
        "name": name,
    }


# What XML 1.0 cannot hold. The drawing program aborts its whole process at one of them.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The same as JSON has them, where the first ones are always escaped.
_NOT_IN_XML_AS_JSON = re.compile(r"\\(?:u00|b|f)|[\ufffe\uffff]")


def _plain(value: object) -> object:
    """JSON with such characters shown as what they are: a place that cannot be drawn."""
    if isinstance(value, str):
        return _NOT_IN_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_plain(key): _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value


_ROWS = "rows-"


def _svg(spec: FigureSpec) -> str:
    layers: list[Layer] = []
    compiled = orjson.loads(_compiled(orjson.dumps(_outline(spec, layers)).decode()))
    for source in compiled["data"]:
        if source["name"].startswith(_ROWS):
            source["values"] = layers[int(source["name"].removeprefix(_ROWS))].rows
    compiled |= {
        "width": spec.width,
        "height": spec.height,
        "padding": asdict(spec.margins),
        "description": spec.description,
    }
    content = orjson.dumps(compiled).decode()
    if _NOT_IN_XML_AS_JSON.search(content):
        content = orjson.dumps(_plain(orjson.loads(content))).decode()
    _register_fonts()
    # No address may be read: the content holds all its rows.
    return str(vl_convert.vega_to_svg(content, allowed_base_urls=[]))


@lru_cache(maxsize=64)
def _compiled(outline: str) -> bytes:
    """What Vega-Lite makes of a spec: the same for figures that differ in their rows alone, as of forty metrics."""
    return orjson.dumps(vl_convert.vegalite_to_vega(outline))


def _for_browsers(svg: str) -> bytes:
    for drawn_font in (DRAWN_FONT, DRAWN_ARABIC_FONT):
        svg = svg.replace(f'font-family="{drawn_font}"', f'font-family="{SHOWN_FONT}"')
    return svg.encode()


_TEXT = re.compile(f'font-family="{re.escape(SHOWN_FONT)}"([^>]*>)([^<]*)')


def on_paper(svg: bytes) -> Drawing:
    """What was drawn for browsers as it was before: with the faces that this program brings."""

    def in_face(found: re.Match[str]) -> str:
        face = DRAWN_ARABIC_FONT if ARABIC.search(found[2]) else DRAWN_FONT
        return f'font-family="{face}"{found[1]}{found[2]}'

    _register_fonts()
    return Drawing(_TEXT.sub(in_face, svg.decode()))


def on_white(svg: bytes) -> bytes:
    """For a page that is printed: the ground of the screen would be a tinted box on white paper."""
    return svg.replace(f'"{PALETTES["light"].sheet}"'.encode(), b'"#ffffff"')


# Pixels on each side of a figure that is saved as a file.
FILE_MARGIN = 16
_ROOT = re.compile(
    rb'width="(?P<wide>[\d.]+)" height="(?P<high>[\d.]+)" viewBox="0 0 (?P=wide) (?P=high)">'
    rb'<rect width="(?P=wide)" height="(?P=high)" fill="#ffffff"/>'
)


def as_file(svg: bytes) -> bytes:
    """For a paper: on white, with a margin, which a page gives a figure by itself."""

    def with_margin(found: re.Match[bytes]) -> bytes:
        wide, high = (float(found[side]) + 2 * FILE_MARGIN for side in ("wide", "high"))
        box = f'x="{-FILE_MARGIN}" y="{-FILE_MARGIN}" width="{wide:g}" height="{high:g}"'
        return (
            f'width="{wide:g}" height="{high:g}" viewBox="{-FILE_MARGIN} {-FILE_MARGIN} {wide:g} {high:g}">'
            f'<rect {box} fill="#ffffff"/>'
        ).encode()

    return _ROOT.sub(with_margin, on_white(svg), count=1)


def to_svg(spec: FigureSpec) -> bytes:
    return _for_browsers(_svg(spec))


def drawn(spec: FigureSpec) -> Drawing:
    return Drawing(_svg(spec))


def row_height(n_rows: int) -> int:
    """Roomy while they are few, close once they are many, never under what 14 pixels need."""
    if n_rows <= 12:
        return 36
    return 30 if n_rows <= 24 else 24


def ticks(low: float, high: float, *, at_most: int = 7) -> list[float]:
    """Round values within the ends, in the finest step of 1, 2 or 5 that keeps them few; zero is one of them."""
    power = 10.0 ** math.floor(math.log10(max(high - low, 1e-9) / at_most))
    for step in (power * unit for unit in (1, 2, 5, 10, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < at_most:
            return [round(step * k, 10) for k in range(first, last + 1)]
    return [0.0]


_HEX = re.compile(r'\b(fill|stroke)="(#[0-9a-f]{6})"')


def recoloured(svg: bytes, *, of: Palette, to: Palette) -> bytes:
    """The same drawing in another theme, without drawing it again: each colour stands for one of the other palette."""
    pairs = zip(asdict(of).values(), asdict(to).values(), strict=True)
    other = dict(pairs)
    return _HEX.sub(lambda found: f'{found[1]}="{other.get(found[2], found[2])}"', svg.decode()).encode()
