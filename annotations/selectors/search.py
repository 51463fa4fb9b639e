"""Search of texts and people in given studies: a fixed number of queries, however much there is."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from functools import reduce
from operator import and_

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise

from annotations.models import Annotation, Item, ItemText, Participant, Study, User
from annotations.selectors.imports import not_withdrawn

# Of each kind; whoever finds more adds a word.
MOST_FOUND = 200
# SQLite has no index of words: it reads so many texts for a search.
MOST_TEXTS_READ = 100_000
HIGHEST_NUMBER = 2**31 - 1
LAST_CHARACTER = chr(0x10FFFF)

# The expression of the index. The whole list is made before anything else is asked of it: for a frequent word PostgreSQL
# would else parse one text after another until it has enough.
TEXTS_WITH_WORDS = """
WITH found AS MATERIALIZED (
  SELECT item_id FROM annotations_itemtext
  WHERE to_tsvector('simple', left(text, 50000)) @@ to_tsquery('simple', %s)
) SELECT item_id FROM found
"""


def found_items(words: str, studies: Collection[Study]) -> list[int]:
    """Keys of items whose identifier begins with the words or whose number they are, then of those with all words."""
    if not studies:
        return []
    items = Item.objects.filter(not_withdrawn(), study__in=studies)
    named = _keys(items.filter(_is_named(words)))
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # For a word of nearly every text it would else parse all of them.
                cursor.execute("SET LOCAL enable_seqscan = off")
        having = _keys(items.filter(_has_words(words, studies)))
    return list(dict.fromkeys(named + having))[:MOST_FOUND]


def own_answered_items(words: str, person: User, studies: Collection[Study]) -> list[int]:
    """Keys of items that this person has answered as an annotator, by number or words."""
    answers = Annotation.objects.filter(
        participant__user=person, participant__role=Participant.Role.ANNOTATOR, participant__study__in=studies
    )
    own = Item.objects.filter(pk__in=answers.values("item"))
    return list(dict.fromkeys(_keys(own.filter(_number(words) | _all_of(words, "texts__text")))))


def found_people(
    words: str, studies: Collection[Study], *, named_in: Collection[Study]
) -> QuerySet[Participant]:
    """People by pseudonym or group; by name or address only in studies that show the names."""
    by_name = Q(user__name__icontains=words) | Q(
        user__email__icontains=words, user__address_released_at__isnull=True
    )
    own_name = Q(study__in=named_in, user__erased_at__isnull=True) & by_name
    return (
        Participant.objects.filter(user__isnull=False, study__in=studies)
        .filter(_pseudonym(words) | Q(group__icontains=words) | own_name)
        .select_related("study", "user")
        .order_by("study__name", "study", "role", "number")[:MOST_FOUND]
    )


def items_in_order(keys: Collection[int]) -> list[Item]:
    found = Item.objects.select_related("study").prefetch_related("texts").in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


def _keys(items: QuerySet[Item]) -> list[int]:
    return list(items.order_by("pk").values_list("pk", flat=True)[:MOST_FOUND])


def _is_named(words: str) -> Q:
    if connection.vendor == "postgresql":
        return Q(key__startswith=words) | _number(words)
    # LIKE would read every identifier; the index of SQLite is in the order of characters.
    return Q(key__gte=words, key__lt=words + LAST_CHARACTER) | _number(words)


def _number(words: str) -> Q:
    if words.isdecimal() and 0 < int(words) <= HIGHEST_NUMBER:
        return Q(position=int(words) - 1)
    return Q(pk__in=())


def _pseudonym(words: str) -> Q:
    """As "Annotator 7" is written in the language of the page, or the number alone."""
    role, _space, number = words.rpartition(" ")
    if not (number.isdecimal() and int(number) <= HIGHEST_NUMBER):
        return Q(pk__in=())
    known = Participant.Role.choices
    roles = [value for value, name in known if _without_marks(name).startswith(_without_marks(role.strip()))]
    return Q(role__in=roles, number=int(number))


def _without_marks(words: str | Promise) -> str:
    """Arabic is mostly typed without the marks of its vowels."""
    letters = unicodedata.normalize("NFD", str(words).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _has_words(words: str, studies: Collection[Study]) -> Q:
    if connection.vendor == "postgresql":
        return Q(pk__in=RawSQL(TEXTS_WITH_WORDS, [_text_query(words)]))  # noqa: S611
    read = Item.objects.filter(study__in=studies).order_by("-pk").values("pk")[:MOST_TEXTS_READ]
    return Q(pk__in=ItemText.objects.filter(_all_of(words, "text"), item__in=read).values("item"))


def _text_query(words: str) -> str:
    """Each word by its beginning; what is one or two characters long is taken as the whole word."""
    quoted = [word.replace("\\", "\\\\").replace("'", "''") for word in words.split()]
    return " & ".join(f"'{word}':*" if len(word) > 2 else f"'{word}'" for word in quoted)


def _all_of(words: str, path: str) -> Q:
    return reduce(and_, (Q(**{f"{path}__icontains": word}) for word in words.split()))
