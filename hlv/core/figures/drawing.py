"""From a spec to bytes: SVG, PNG and PDF of the same drawing, without a network."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, Literal

import altair as alt
import fontpkg_noto_sans_arabic
import orjson
import vl_convert

from hlv.core.figures.layers import ARABIC, Part
from hlv.core.figures.palette import DRAWN_ARABIC_FONT, DRAWN_FONT, PALETTES, SHOWN_FONT, Palette
from hlv.core.figures.pdf import settled

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


def framed(
    chart: Part, *, palette: Palette, margins: Margins, width: int, height: int, says: str
) -> dict[str, Any]:
    """A spec of exactly this many pixels: the plot and its margins, nothing fitted or moved."""
    _name_points(chart, [])
    return {
        "$schema": alt.SCHEMA_URL,
        **chart,
        "width": width,
        "height": height,
        "autosize": {"type": "none"},
        "padding": asdict(margins),
        "background": palette.sheet,
        "description": says,
        "config": {
            "font": DRAWN_FONT,
            "view": {"stroke": None},
            "text": {"color": palette.ink, "fontSize": 14, "baseline": "middle", "font": DRAWN_FONT},
            "rule": {"color": palette.rule},
        },
    }


def _name_points(chart: Part, named: list[Part]) -> None:
    """Layers whose marks say something bear a name that the drawing keeps: a page finds its points by it."""
    for layer in chart.get("layer", []):
        _name_points(layer, named)
    if "description" in chart.get("encoding", {}):
        named.append(chart)
        chart["name"] = f"points-{len(named)}"


# What XML 1.0 cannot hold. The drawing program aborts its whole process at one of them.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The same as JSON has them, where the first ones are always escaped.
_NOT_IN_XML_AS_JSON = re.compile(r"\\(?:u00|b|f)|[\ufffe\uffff]")


def _plain(value: Any) -> Any:
    """The spec with such characters shown as what they are: a place that cannot be drawn."""
    if isinstance(value, str):
        return _NOT_IN_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_plain(key): _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list) else value


def _svg(spec: dict[str, Any]) -> str:
    rows: list[list[dict[str, Any]]] = []
    outline = _without_rows(spec, rows)
    size = {name: outline.pop(name) for name in ("width", "height", "padding", "description")}
    compiled = orjson.loads(_compiled(orjson.dumps(outline).decode()))
    for source in compiled["data"]:
        if source["name"].startswith(_ROWS):
            source["values"] = rows[int(source["name"].removeprefix(_ROWS))]
    said = orjson.dumps(compiled | size).decode()
    if _NOT_IN_XML_AS_JSON.search(said):
        said = orjson.dumps(_plain(compiled | size)).decode()
    _register_fonts()
    # No address may be read: a spec holds all its rows.
    return str(vl_convert.vega_to_svg(said, allowed_base_urls=[]))


_ROWS = "rows-"


def _without_rows(chart: Part, rows: list[list[dict[str, Any]]]) -> Part:
    """The same with names in place of the rows of each layer, which are put aside."""
    found = dict(chart)
    if "data" in chart:
        found["data"] = {"name": f"{_ROWS}{len(rows)}"}
        rows.append(chart["data"]["values"])
    if "layer" in chart:
        found["layer"] = [_without_rows(layer, rows) for layer in chart["layer"]]
    return found


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


def to_svg(spec: dict[str, Any]) -> bytes:
    return _for_browsers(_svg(spec))


def drawn(spec: dict[str, Any]) -> Drawing:
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
