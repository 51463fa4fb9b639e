"""What a metric agreement says beyond its table, in sentences for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.formats.wording import counted
from annotations.science.wording import p_equals
from hlv.terminal import interval, number
from metaeval.charts.differences import Differences, metric_labels, read_differences, with_copies
from metaeval.charts.groups import read_grouped
from metaeval.charts.methods_like_these import read_methods_like_these
from metaeval.views.methods_like_these import general_line
from metaeval.views.null_hypotheses import null_words
from metaeval.views.result_differences import (
    exchanged_words,
    no_verdict,
    smallest_words,
    tests_of,
    williams_words,
)

MOST_GROUPS = 6
MOST_NAMED = 4
Labels = Mapping[str, str]


def closer_look(result: Mapping[str, Any]) -> list[str]:
    """Nothing for a snapshot from before there were such parts."""
    labels = metric_labels(result)
    differences = read_differences(result)
    said = [] if differences is None else _differences(differences, labels)
    said += filter(None, [williams_words(result)])
    general = read_methods_like_these(result)
    said += filter(None, [] if general is None else [general_line(general)])
    for part, sentences in (
        ("noise_ceiling", _ceiling),
        ("without_each_method", _without_one),
        ("verdicts", _verdicts),
        ("groups", _groups),
    ):
        if "differences" in result and part in result:
            said += sentences(result, labels)
    return said


def _named(keys: Sequence[str], labels: Labels) -> str:
    return ", ".join(labels.get(key, key) for key in keys)


def _differences(found: Differences, labels: Labels) -> list[str]:
    if found.best is None or found.undetermined:
        return [f"Metrics are not compared with one another: {found.undetermined}"]
    if not found.decides:
        words = [exchanged_words(found), null_words(*tests_of(found))]
        return [no_verdict(found), *found.notes, *filter(None, words)]
    best, alike = labels.get(found.best, found.best), found.not_told_from_best
    among = "" if found.best_of_all else f" of the {found.n_compared} that were compared with one another"
    untested = found.not_tested_with_best
    said = []
    if not found.tested:
        said = [f"Differences between metrics were not tested, because {found.why_untested}."]
    elif alike:
        said = [f"Not told apart from {best}, the best by tau-b{among}: {_named(alike, labels)}."]
    elif len(untested) < len(found.ranked) - 1:
        said = [f"{best} agrees best by tau-b{among}, and better than each other metric that was compared."]
    if found.tested and untested:
        said.append(f"Not tested against {best}, because {found.why_untested}: {_named(untested, labels)}.")
    groups = with_copies(found)
    shown = [f"  {_named(group, labels)}" for group in groups[:MOST_GROUPS]]
    more = len(groups) - len(shown)
    said += ["Groups of metrics that cannot be told apart by tau-b:", *shown] if groups else []
    said += [f"  and {more} more group{'' if more == 1 else 's'} (--json has all)"] if more else []
    by_reason: dict[str, list[str]] = {}
    for key, why in found.left_out.items():
        by_reason.setdefault(why, []).append(key)
    said += [f"Not compared: {_named(keys, labels)}. {why}" for why, keys in by_reason.items()]
    words = [smallest_words(found), exchanged_words(found), null_words(*tests_of(found))]
    return [*said, *found.notes, *filter(None, words)]


def said_of_uploads(result: Mapping[str, Any]) -> list[str]:
    """What is known of scores and judges that came from elsewhere, the same words once."""
    by_remark: dict[str, list[str]] = {}
    for row in result["metrics"]:
        if row.get("remark"):
            by_remark.setdefault(row["remark"], []).append(row["label"])
    return [f"{', '.join(names)}: {remark}" for remark, names in by_remark.items()]


def _ceiling(result: Mapping[str, Any], _: Labels) -> list[str]:
    stored = result["noise_ceiling"]
    if stored["undetermined"]:
        return [f"No noise ceiling: {stored['undetermined']}"]
    splits = _splits(stored["n_splits"], is_all=stored["exact"])
    return [
        f"Noise ceiling: a perfect metric would have a Pearson correlation of {number(stored['ceiling'])} with these "
        f"{counted(stored['n_judges'], 'judges')} ({splits})."
    ]


def _splits(n: int, *, is_all: bool) -> str:
    if is_all:
        return "the only split into halves" if n == 1 else f"all {n:,} splits into halves"
    return f"{n:,} random split{'' if n == 1 else 's'} into halves"


def _without_one(result: Mapping[str, Any], labels: Labels) -> list[str]:
    """The largest change of a tau-b by one method, and who leads then instead."""
    stored = result["without_each_method"]
    if stored["undetermined"]:
        return [f"Nothing is computed without single methods: {stored['undetermined']}"]
    whole = {row["name"]: row["kendall_tau_b"]["value"] for row in result["metrics"]}
    taus: dict[str, dict[str, float]] = {}
    for row in stored["metrics"]:
        for without in row["without"]:
            if without["kendall_tau_b"] is not None and whole.get(row["name"]) is not None:
                taus.setdefault(without["method"], {})[row["name"]] = without["kendall_tau_b"]
    if not taus:
        return ["Without one method no tau-b is defined."]
    method, key = max(
        ((method, key) for method, found in taus.items() for key in found),
        key=lambda place: abs(taus[place[0]][place[1]] - whole[place[1]]),
    )
    said = [
        f"Without one method, tau-b changes most for {labels[key]}: {number(taus[method][key])} instead of "
        f"{number(whole[key])} without {method}."
    ]
    return said + _leaders(whole, taus, labels)


def _leaders(
    whole: Mapping[str, float | None], without: Mapping[str, Mapping[str, float]], labels: Labels
) -> list[str]:
    """Who comes first without each method, where that is somebody else; ties for the first place are all named."""
    first = _first(whole)
    leaders = {method: _first(found) for method, found in without.items()}
    others: dict[tuple[str, ...], list[str]] = {}
    for method, leading in leaders.items():
        if not set(leading) & set(first):
            others.setdefault(tuple(leading), []).append(method)
    said = []
    for keys, methods in others.items():
        more = f" and {len(methods) - MOST_NAMED} more" if len(methods) > MOST_NAMED else ""
        each = ", each by itself" if len(methods) > 1 else ""
        said.append(
            f"{_few(keys, labels)} {'come' if len(keys) > 1 else 'comes'} first without "
            f"{', '.join(methods[:MOST_NAMED])}{more}{each}."
        )
    if said:
        return said
    lasting = [key for key in first if all(key in leading for leading in leaders.values())]
    if not lasting:
        return [
            f"{_few(first, labels)} share the first place, and none of them keeps it whichever method is left out."
        ]
    alone = len(first) == 1 and all(leading == first for leading in leaders.values())
    keeps = (
        "still comes first"
        if alone
        else f"still {'shares' if len(lasting) == 1 else 'share'} the first place"
    )
    return [f"Whichever method is left out, {_few(lasting, labels)} {keeps}."]


def _first(found: Mapping[str, float | None]) -> list[str]:
    """The metrics of the highest tau-b; equal to 1e-9 is equal."""
    known = {key: value for key, value in found.items() if value is not None}
    best = max(known.values())
    return [key for key, value in known.items() if value >= best - 1e-9]


def _few(keys: Sequence[str], labels: Labels) -> str:
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return _named(keys[:MOST_NAMED], labels) + more


def _verdicts(result: Mapping[str, Any], labels: Labels) -> list[str]:
    stored = result["verdicts"]
    if stored["undetermined"]:
        return [f"Nothing is said verdict by verdict: {stored['undetermined']}"]
    known = [row for row in stored["metrics"] if row["undetermined"] is None]
    if not known:
        return [f"Nothing is said verdict by verdict: {stored['metrics'][0]['undetermined']}"]
    best = max(known, key=lambda row: float(row["accuracy"]))
    return [
        f"Verdict by verdict, {labels.get(best['name'], best['name'])} says most often what the judge said: in "
        f"{number(best['accuracy'])} of {counted(best['n_judgments'], 'judgments')} ({interval(best['accuracy_interval'])}); "
        f"ties alone are {number(best['always_tie'])}."
    ]


def _groups(result: Mapping[str, Any], labels: Labels) -> list[str]:
    found = read_grouped(result)
    if found is None:
        return []
    mean = found.mean
    each = [
        f"Within {table.name}: {table.notes}"
        if table.has_answer
        else f"Nothing within {table.name}: {table.result['undetermined']}"
        for table in found.tables
        if table.notes or not table.has_answer
    ]
    if mean.undetermined:
        return [*each, f"No mean over base models: {mean.undetermined}", *found.notes]
    left_out = f"; not in all: {', '.join(mean.left_out)}" if mean.left_out else ""
    said = [
        *each,
        f"Mean tau-b over the groups {', '.join(mean.groups)} ({counted(len(mean.methods), 'methods')} in each{left_out}):",
    ]
    known = [row for row in mean.result["metrics"] if row["undetermined"] is None]
    known.sort(key=lambda row: -row["kendall_tau_b"]["value"])
    for row in known:
        tau = row["kendall_tau_b"]
        said.append(
            f"  {labels.get(row['name'], row['name'])}: {number(tau['value'])} ({interval(tau['interval'])}), "
            f"p {'–' if tau['p'] is None else p_equals(tau['p'])}"
        )
    by_reason: dict[str, list[str]] = {}
    for row in mean.result["metrics"]:
        if row["undetermined"] is not None:
            by_reason.setdefault(row["undetermined"], []).append(row["name"])
    said += [f"  no mean of {_named(keys, labels)}: {why}" for why, keys in by_reason.items()]
    return [*said, *found.notes]
