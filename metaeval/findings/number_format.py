"""Words that sentences about results are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from hlv.core.figures import drawing
from hlv.stats.pairwise.bootstrap import WEAK_PRIOR
from metaeval.results.result_rows import Estimate
from metaeval.selectors.exclusions import Exclusions

MOST_NAMES = 4


def spelled(number: int) -> str:
    """Small numbers as words, as they stand in a sentence."""
    words = (
        _("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"),
        _("nine"), _("ten"), _("eleven"), _("twelve"),
    )  # fmt: skip
    return words[number] if 0 <= number < len(words) else str(number)


def listed(names: Sequence[str], *, most: int = MOST_NAMES) -> str:
    """Names in a row; of many the first ones and how many more. Isolated, for names of another direction."""
    shown = [f"\u2068{name}\u2069" for name in names[:most]]
    more = len(names) - len(shown)
    if more:
        return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {
            "names": ", ".join(shown),
            "n": more,
        }
    if len(shown) < 2:
        return "".join(shown)
    return _("%(names)s and %(last)s") % {"names": ", ".join(shown[:-1]), "last": shown[-1]}


def led(sentence: str) -> str:
    """In the direction of its own words where a name begins it: `dir="auto"` looks into isolates, too."""
    # Translators: the mark of the direction of your language, U+200E or U+200F.
    return _("\u200e") + sentence if sentence.startswith("\u2068") else sentence


def unmarked(sentence: str) -> str:
    """Without the marks that keep directions apart on a page: a terminal may show them."""
    return sentence.translate(dict.fromkeys([0x200E, 0x200F, *range(0x2066, 0x206A)]))


def figure(value: float) -> str:
    """Two digits whose sign stays before them in a line that runs from right to left."""
    return f"\u2066{drawing.figure(value)}\u2069"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def with_interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _("%(value)s, no interval") % {"value": figure(estimate.value)}
    return _("%(value)s, %(low)s to %(high)s") % {
        "value": figure(estimate.value),
        "low": figure(estimate.low),
        "high": figure(estimate.high),
    }


def left_out_words(exclusions: Exclusions) -> list[str]:
    """Each rule by which verdicts are left out, as part of a sentence."""
    said = []
    if exclusions.judges:
        numbers = ", ".join(map(str, exclusions.judges))
        said.append(_("of the judges numbered %(numbers)s") % {"numbers": numbers})
    if exclusions.methods:
        said.append(_("on the methods %(names)s") % {"names": listed(exclusions.methods)})
    if exclusions.texts:
        said.append(
            ngettext("on %(n)s text", "on %(n)s texts", len(exclusions.texts)) % {"n": len(exclusions.texts)}
        )
    if exclusions.under_seconds:
        said.append(
            _("that took less than %(n)s seconds of active time") % {"n": f"{exclusions.under_seconds:g}"}
        )
    return said


def without_answer_words(n_without: int, n_resamples: int, *, n_with_prior: int = 0) -> str:
    """What became of the resamples without a ranking or a score; nothing where all have one."""
    n_lost, of = n_without - n_with_prior, f"{n_resamples:,}"
    said = []
    if n_with_prior:
        said.append(
            _(
                "%(n)s of %(of)s resamples have no ranking of their own and are solved with a weak prior (precision %(prior)s)"
            )
            % {"n": f"{n_with_prior:,}", "of": of, "prior": f"{WEAK_PRIOR:g}"}
        )
    if n_lost:
        said.append(
            _("%(n)s of %(of)s resamples have no answer and are left out") % {"n": f"{n_lost:,}", "of": of}
        )
    return "; ".join(said)


def joined(remarks: Iterable[str]) -> str:
    """Remarks in a row: a full stop ends one, and none is followed by a semicolon."""
    said = ""
    for remark in filter(None, remarks):
        between = "" if not said else " " if said.endswith(".") else "; "
        said += between + (capital(remark) if between == " " else remark)
    return said


CLUSTERED: dict[str, str | Promise] = {
    "CR3 by judge": _lazy("from cluster-robust standard errors (CR3) with one judge left out at a time;"),
    "CR3 by item": _lazy("from cluster-robust standard errors (CR3) with one text left out at a time;"),
    "CR3 by judgment": _lazy("from robust standard errors (CR3) with one judgment left out at a time;"),
    "CR3, two-way widest of judges and items": _lazy(
        "from cluster-robust standard errors (CR3), the widest of the intervals by judge, by text and by both at once;"
    ),
    # of snapshots before the degrees of freedom took part in which way is the widest
    "CR3, two-way maximum of judges and items": _lazy(
        "from cluster-robust standard errors (CR3), of those by judge, by text and by both ways at once the largest;"
    ),
}
_BY_STUDENT = _lazy(
    "95 % intervals by Student’s t, with one degree of freedom less than there are effective clusters"
)


_KINDS: dict[str, str | Promise] = {
    "CR3 by judge": _lazy("analytic intervals by judge"),
    "CR3 by item": _lazy("analytic intervals by text"),
    "CR3 by judgment": _lazy("analytic intervals by bare judgment"),
    "CR3, two-way widest of judges and items": _lazy("analytic intervals by judge and text"),
    "CR3, two-way maximum of judges and items": _lazy("analytic intervals by judge and text"),
}


def kind_of_intervals(method: str) -> str:
    """The same in so few words that a line of a list holds them."""
    if not method:
        return _("no intervals")
    clusters = method.partition(", t(J_eff - 1)")[0]
    if clusters in _KINDS:
        return str(_KINDS[clusters])
    return _("resampling intervals") if method.startswith("bootstrap") else method


def interval_words(method: str) -> str:
    """What a snapshot's short name of its intervals stands for; another name as it is."""
    clusters, by_t, more = method.partition(", t(J_eff - 1)")
    if not by_t or clusters not in CLUSTERED:
        return method
    said = f"{CLUSTERED[clusters]} {_BY_STUDENT}"
    return said + (_("; with a prior, not calibrated") if "not calibrated" in more else "")


def said_of_weights(result: Mapping[str, Any]) -> list[str]:
    """How people's labels count in a scoring or a metric agreement; nothing where none was used or it does not say."""
    weights = result.get("weights")
    if weights is None:
        return []
    if weights == "equal":
        return [_("Human labels count alike, however certain the annotators were.")]
    said = [
        _("Human labels are weighted by the certainty given with them; error rates by annotator are not.")
    ]
    if n := int(result.get("n_without_certainty") or 0):
        said.append(
            ngettext(
                "%(n)s labelled text is left out, because somebody gave no certainty on it.",
                "%(n)s labelled texts are left out, because somebody gave no certainty on them.",
                n,
            )
            % {"n": f"{n:,}"}
        )
    if n := int(result.get("n_zero_certainty") or 0):
        said.append(
            ngettext(
                "%(n)s labelled text is left out, because all certainties on it are zero.",
                "%(n)s labelled texts are left out, because all certainties on each are zero.",
                n,
            )
            % {"n": f"{n:,}"}
        )
    return said
