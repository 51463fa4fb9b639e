"""Content of a judging page: two outputs on one scale, and the words of its script."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from hlv.core.rendering.markdown import render_markdown
from hlv.core.rendering.text_diff import Part, changed_markdown, changed_parts
from metaeval.models import Protocol
from metaeval.selectors.outputs import ShownOutput, hundredths

# Hundredths between the same label of both sides from which it is marked on request.
MARKED_DIFFERENCE = 10

Row = tuple[str, int, int]


@dataclass(frozen=True)
class Bar:
    """One label of one output: its value and where the other output stands, in hundredths of the scale."""

    name: str
    percent: int
    other_percent: int

    @property
    def value(self) -> str:
        return f"{self.percent / 100:.2f}"

    @property
    def differs(self) -> bool:
        return abs(self.percent - self.other_percent) >= MARKED_DIFFERENCE


@dataclass(frozen=True)
class Folded:
    name: str
    a: str
    b: str


@dataclass(frozen=True)
class Words:
    """A text output: in parts, or as HTML of our own making."""

    parts: list[Part] = field(default_factory=list)
    html: SafeString | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.html or "".join(part.words for part in self.parts)).strip()


@dataclass(frozen=True)
class Sides:
    """Both outputs: the same labels on the same scale, or two texts."""

    a: list[Bar]
    b: list[Bar]
    folded: list[Folded]
    words_a: Words | None
    words_b: Words | None
    # Each side's labels stand in an order of their own.
    own_order: bool
    offers_marks: bool

    @property
    def apart(self) -> str:
        """From what difference labels are marked, in words."""
        return f"{MARKED_DIFFERENCE / 100:.2f}"

    @property
    def are_texts(self) -> bool:
        return self.words_a is not None


def sides(left: ShownOutput, right: ShownOutput, *, threshold: float, protocol: Protocol) -> Sides:
    """Values are cut to two digits everywhere, so that nothing finer than what is read can tell outputs apart."""
    # What was added to the study after both were given is not there: the pair stays as its judge saw it.
    values_a, values_b = (
        {label.name: label.value for label in side.labels if label.is_given} for side in (left, right)
    )
    names = list(dict.fromkeys([*values_a, *values_b]))
    pairs = [(name, values_a.get(name, 0.0), values_b.get(name, 0.0)) for name in names]
    shown = [(name, hundredths(a), hundredths(b)) for name, a, b in _by_mean(pairs) if max(a, b) >= threshold]
    if protocol.label_order == Protocol.LabelOrder.STUDY:
        place = {name: index for index, name in enumerate(names)}
        shown.sort(key=lambda row: place[row[0]])
    own_order = protocol.label_order == Protocol.LabelOrder.OWN
    words_a, words_b = _words(left.text, right.text, as_markdown=protocol.outputs_as == "markdown")
    return Sides(
        a=[Bar(name, a, b) for name, a, b in (_by_size(shown, 1) if own_order else shown)],
        b=[Bar(name, b, a) for name, a, b in (_by_size(shown, 2) if own_order else shown)],
        folded=[Folded(name, f"{a:.2f}", f"{b:.2f}") for name, a, b in pairs if max(a, b) < threshold],
        words_a=words_a,
        words_b=words_b,
        own_order=own_order,
        offers_marks=protocol.offers_marks,
    )


def _by_mean(pairs: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """So that the order favours neither."""
    return sorted(pairs, key=lambda pair: -(pair[1] + pair[2]))


def _by_size(rows: list[Row], side: int) -> list[Row]:
    return sorted(rows, key=lambda row: -int(row[side]))


def _words(
    left: str | None, right: str | None, *, as_markdown: bool
) -> tuple[Words, Words] | tuple[None, None]:
    if left is None and right is None:
        return None, None
    if as_markdown:
        a, b = changed_markdown(left or "", right or "")
        # Safe because the renderer takes no HTML of the source; its tests try to get some through.
        return Words(html=mark_safe(a)), Words(html=mark_safe(b))  # noqa: S308
    parts_a, parts_b = changed_parts(left or "", right or "")
    return Words(parts_a), Words(parts_b)


def explanation(protocol: Protocol) -> SafeString | str:
    """More words on the criterion."""
    # Safe because the renderer escapes all HTML of the source; its tests try to get some through.
    return mark_safe(render_markdown(protocol.explanation)) if protocol.explanation else ""  # noqa: S308


def verdict_script_words() -> dict[str, str]:
    """Messages of judge.js."""
    return {
        "saving": _("Saving …"),
        "saved": _("Saved"),
        "one_waiting": _("1 not yet saved"),
        "many_waiting": _("{n} not yet saved"),
        "not_saved": _("Not saved"),
        "restored": _("Your choices are restored, not yet saved"),
        "change_unsaved": _("This change is not yet saved"),
        "left_unsaved": _("Your change to {text} is not saved yet."),
        "back": _("Go back to it"),
        "kept_on_device": _(
            "No connection. Your verdict is kept on this device and will be sent automatically. Then you can"
            " revise it."
        ),
        "offline": _("No connection. Other pages open again when it is back."),
        "signed_out": _(
            "You are signed out. Sign in again in another tab: your verdict is kept on this device and is then"
            " sent. Then you can revise it."
        ),
        "conflict": _("This pair already had a verdict. Yours did not replace it."),
        "earlier_conflict": _("{text} already had a verdict. Yours did not replace it."),
        "show_stored": _("Show the stored verdict"),
        "show_text": _("Show that pair"),
        "stored_shown": _("This is the stored verdict. Your later verdict is not stored."),
        "use_unstored": _("Use my later verdict"),
        "next": _("Next pair"),
        "refused": _("One verdict was refused and is not stored:"),
        "choice_missing": _("Choose a verdict first: A, B, both good, neither good, or “Cannot judge”."),
        "reason_missing": _("Write in a few words why you cannot judge this pair."),
        "keys_off": _("Turn keys off"),
        "keys_on": _("Turn keys on"),
    }


def labels_script_words() -> dict[str, str]:
    """Messages of judge_labels.js, shown before a pair."""
    return verdict_script_words() | {
        "conflict": _("Your labels for this text are already stored and cannot be changed."),
        "show_stored": _("Show the outputs"),
        "next": _("Show the outputs"),
        "choice_missing": _("Choose the labels that fit the text, or “No label applies”."),
        "refused": _("Your labels were refused and are not stored:"),
        "kept_on_device": _(
            "No connection. Your labels are kept on this device and will be sent automatically."
        ),
        "offline": _("No connection. Other pages open again when it is back."),
        "signed_out": _(
            "You are signed out. Sign in again in another tab: your labels are kept on this device and are then sent."
        ),
    }
