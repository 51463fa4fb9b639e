"""Results as JSON of a snapshot, and back: one typed, versioned schema for each kind.

A kind is a dataclass, registered with `stored_as`. Its JSON has a key for each field and `schema_version`. Arrays are
lists, and what is not finite is null. Version 0 is what was stored before versions existed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar, get_args, get_origin

import msgspec
import numpy as np

VERSION: Final = "schema_version"

Json = dict[str, Any]
Upgrade = Callable[[Json], Json]
Result = TypeVar("Result")
# By class, the fields that have no key while they are None or empty.
Optional = Mapping[type, frozenset[str]]


class StoredResultError(Exception):
    """A stored result that cannot be read; `sentence` says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NewerResultError(StoredResultError):
    """It was stored by a newer version of the program."""


class MalformedResultError(StoredResultError):
    """Its content does not fit its schema."""


@dataclass(frozen=True)
class _Kind:
    name: str
    upgrades: tuple[Upgrade, ...]
    optional: Optional
    keys: Mapping[str, str]

    @property
    def version(self) -> int:
        return len(self.upgrades)


_kinds: dict[type, _Kind] = {}


def stored_as(
    name: str,
    *upgrades: Upgrade,
    optional: Optional = MappingProxyType({}),
    keys: Mapping[str, str] = MappingProxyType({}),
) -> Callable[[type[Result]], type[Result]]:
    """Register a dataclass as the schema of a kind of snapshot.

    Parameters
    ----------
    name
        What people call a result of this kind: "ranking".
    upgrades
        Number n makes the JSON of version n that of version n + 1; the version stored today is their number.
    optional
        Fields of the classes inside it that have no key while they are None or empty.
    keys
        Of fields of the schema that were renamed, the key that stays in the JSON.
    """

    def register(schema: type[Result]) -> type[Result]:
        _kinds[schema] = _Kind(name, upgrades, optional, keys)
        return schema

    return register


def dump(result: object) -> Json:
    """A result of a registered kind, ready for JSON, with its version."""
    kind = _kinds[type(result)]
    stored = {kind.keys.get(name, name): value for name, value in plain(result, kind.optional).items()}
    return {**stored, VERSION: kind.version}


def load(schema: type[Result], content: Mapping[str, Any]) -> Result:
    """A result as it was stored, whichever version of the program stored it.

    Raises
    ------
    NewerResultError
        If this program does not know its version yet.
    MalformedResultError
        If it does not fit the schema.
    """
    kind = _kinds[schema]
    version = content.get(VERSION, 0)
    if not isinstance(version, int) or version > kind.version:
        raise NewerResultError(
            f"This {kind.name} was stored by a newer version of HLV (schema {version}; this one reads up to "
            f"{kind.version}). Update HLV to read it."
        )
    upgraded = dict(content)
    try:
        for upgrade in kind.upgrades[version:]:
            upgraded = upgrade(upgraded)
        fields_of = {key: name for name, key in kind.keys.items()}
        named = {fields_of.get(key, key): value for key, value in upgraded.items()}
        return msgspec.convert(named, schema, dec_hook=_array)
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError) as error:
        raise MalformedResultError(
            f"This stored {kind.name} cannot be read: {error}. Compute it again, or restore it from a backup."
        ) from error


class Snapshot(Protocol):
    """What keeps a result: a row of a database."""

    result: Any


def read(schema: type[Result], snapshot: Snapshot) -> Result:
    """The result of a snapshot. It is kept with the snapshot: a page reads it many times."""
    content, found = vars(snapshot).get("_read", (None, None))
    if content is not snapshot.result or not isinstance(found, schema):
        found = load(schema, snapshot.result)
        vars(snapshot)["_read"] = snapshot.result, found
    return found


def plain(value: Any, optional: Optional = MappingProxyType({})) -> Any:
    """A part of a result, ready for JSON."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and np.isfinite(value).all():
        # The same as member by member, which takes long where thousands of draws are kept.
        return value.tolist()
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str | int | None):
        return value
    if is_dataclass(value):
        unless_empty = _unless_empty(type(value), optional)
        return {
            name: plain(member, optional)
            for name, member in ((field.name, getattr(value, field.name)) for field in fields(value))
            if name not in unless_empty or not _is_empty(member)
        }
    if isinstance(value, Mapping):
        return {key: plain(member, optional) for key, member in value.items()}
    if isinstance(value, Sequence):
        return [plain(member, optional) for member in value]
    raise TypeError(f"{type(value).__name__} has no place in a stored result")


def _unless_empty(schema: type, optional: Optional) -> set[str]:
    return {name for base in schema.__mro__ for name in optional.get(base, ())}


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | Sequence | Mapping) and not value)


def _array(schema: type, stored: Any) -> Any:
    if get_origin(schema) is not np.ndarray:
        raise NotImplementedError(f"{schema} is not a type that can be stored")
    (kind,) = get_args(get_args(schema)[1])
    if not isinstance(stored, list):
        raise TypeError(f"expected a list, got {type(stored).__name__}")
    # None becomes NaN.
    return np.array(stored, dtype=kind)
