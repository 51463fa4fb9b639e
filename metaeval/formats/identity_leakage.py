"""Whether a text names the method that wrote it: a judge who reads it is blind no more."""

from __future__ import annotations

import re

SHORTEST_TELLING_NAME = 3
_VERSION = re.compile(r"[\W_]*\d.*", re.DOTALL)


def names_itself(text: str, *, method: str, base_model: str) -> bool:
    """Whether the text has the method's or the base model's name in it, or the family's: “Llama” of “llama-2-7b”.

    Whole words only, in any case; names of fewer than three characters tell nothing.
    """
    return any(_has_word(text, name) for name in _telling_names(method, base_model))


def _telling_names(*names: str) -> set[str]:
    found = set()
    for name in names:
        folded = name.casefold().strip()
        family = _VERSION.sub("", folded)
        found |= {one for one in (folded, family) if len(one) >= SHORTEST_TELLING_NAME}
    return found


def _has_word(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.casefold()) is not None
