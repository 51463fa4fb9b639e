"""What is missing, as commands say it: the sentence, and the command that brings it."""

from __future__ import annotations

from annotations.models import Missing, Study

_COMMANDS = {
    Missing.ANSWERS: ("import annotations FILE --study {slug}",),
    Missing.OUTPUTS: ("import outputs FILE --study {slug}",),
    Missing.SHARED_TEXTS: ("import annotations FILE --study {slug}", "import outputs FILE --study {slug}"),
    Missing.SCORES: ("import scores FILE --study {slug}",),
    Missing.JUDGMENTS: ("import judgments FILE --study {slug}",),
    Missing.RANKING: ("metaeval {slug}",),
}


def said_of_missing(missing: Missing, study: Study) -> str:
    commands = " or ".join(f"hlv {one.format(slug=study.slug)}" for one in _COMMANDS.get(missing, ()))
    return f"{missing.label} {f'Command: {commands}' if commands else ''}".rstrip()
