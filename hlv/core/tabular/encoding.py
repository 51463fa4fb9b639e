"""Which encoding a file is in; a wrong one is an error with its place, never a guess in silence."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from hlv.core.tabular.errors import FormatError

WESTERN = "windows-1252"
MOST_CANDIDATES = 8
_ASCII = bytes(range(128))
# Fewer different words than these are too few to know an alphabet by, fewer letters than these a script.
_FEW_WORDS = 6
_FEW_LETTERS = 30
# Letters of French, German, Spanish, Portuguese, Italian, Dutch, Catalan and the Scandinavian languages. Not
# ð, þ and ý, which stand where Turkish and the Baltic encodings have frequent letters, nor š and ž.
_WESTERN_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßªº")
_WESTERN_SYMBOLS = frozenset("‘’“”„‚‹›«»–—…•·°€£©®™§¡¿\xa0\xad´²³½¼¾±×÷†‡‰µ¶ªº")
_WITHIN_WORDS = frozenset("’‘—…·\xad\xa0®™©°†")
# What other encodings' letters look like: a low quotation mark behind a letter, a dash before a last letter, an
# apostrophe before a last a (“polic’a” is Mac Roman), words of nothing but letters beyond ASCII.
_NEVER_WESTERN = re.compile(
    r"\w[‚„]|[a-z]—[b-hj-np-xz]\b|[a-z]{3}’a\b|[^\W\d_\x00-\x7f]{3}|\b[^\W\d_\x00-\x7f]{2}\b"
)
_KNOWN_ABROAD = frozenset(
    (
        *(f"windows-125{n}" for n in range(9)),
        *(f"iso8859-{n}" for n in (2, 5, 6, 7, 8, 9, 13)),
        *("mac-roman", "mac-cyrillic", "cp850", "cp852", "cp866", "cp874", "koi8-r", "koi8-u"),
        *("gb18030", "gbk", "gb2312", "big5", "shift-jis", "cp932", "euc-jp", "cp949", "euc-kr"),
    )
)
_ALSO_ABROAD = ("koi8-r", "cp866", "cp874")
_BYTE_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class _Language:
    """A language of another encoding: its frequent letters beyond ASCII, the rarer ones, and what no word has."""

    encoding: str
    frequent: str
    rare: str
    never: str = "$^"


_OTHER_LANGUAGES = (
    _Language("windows-1250", "ąęłśżó", "ćńź"),
    _Language("windows-1250", "áíěčřšžý", "éůúťňďó", r"\bč\b|čs\b"),
    _Language("windows-1250", "áíčšžýúľ", "éóťňďĺŕôä", r"\bč\b|čs\b"),
    _Language("windows-1250", "čšž", "ćđ", r"\bč\b|čs\b"),
    _Language("windows-1250", "áéöóőíüúű", "", "őe"),
    _Language("windows-1250", "ăâîşţ", "", "ă[oe]"),
    _Language("windows-1254", "ıüşğçö", "âîûİ"),
    _Language("windows-1257", "ėšžč", "ąęįųū", r"čs\b"),
    _Language("windows-1257", "āēīšū", "ļņģķžč", r"čs\b"),
    # A mark of Vietnamese stands behind a vowel, so that Italian “così” is none.
    _Language(
        "windows-1258",
        "đươăâê\u0301\u0300\u0323",
        "ôéàèáíóú\u0303\u0309",
        "[b-df-hj-np-tv-xz ][\u0300-\u0323]|ă[oe]",
    ),
    _Language("iso-8859-2", "ąęłśżó", "ćńź"),
    _Language("iso-8859-2", "áíěčřšžý", "éůúťňďó", r"\bč\b|čs\b"),
    _Language("mac-roman", "éèàáíóñüäö", "êçùôâîïúßëûœ’“”"),
    _Language("cp850", "éèàáíóñüäö", "êçùôâîïúßëû"),
    _Language("iso-8859-15", "éèàáíóñüäöœ€", "êçùôâîïúßëû", r"\dœ|\bœ\b"),
)


def certain_encoding(path: Path, sample: bytes) -> str | None:
    """The only 8-bit encoding the letters fit, or None.

    `sample` is the part around the first byte beyond ASCII; the bytes of the whole file are counted.
    """
    if _reads_as_arabic(sample) and _reads_whole(path, "windows-1256"):
        return "windows-1256"
    if _reads_as_cyrillic(sample) and _reads_whole(path, "windows-1251"):
        return "windows-1251"
    n_of = _bytes_beyond_ascii(path)
    if _reads_as_western(sample, n_of) and not any(_other_encodings(sample, n_of)):
        return WESTERN
    return None


def candidates(path: Path, sample: bytes) -> list[tuple[str, str]]:
    """Encodings that read the whole file, each with what it makes of one word; no two read it alike."""
    word = _distinctive_word(sample)
    n_of = _bytes_beyond_ascii(path)
    order = [*_other_encodings(sample, n_of)]
    if _reads_as_western(sample, n_of):
        order.insert(0, WESTERN)
    else:
        order += [WESTERN, *_guesses(sample, word)]
    found: dict[str, str] = {}
    for encoding in order:
        read = word.decode(encoding, errors="replace")
        if read not in found and read.isprintable() and _reads_whole(path, encoding):
            found[read] = encoding
    return [(encoding, read) for read, encoding in found.items()][:MOST_CANDIDATES]


def _guesses(sample: bytes, word: bytes) -> list[str]:
    """Encodings that are in use somewhere, at most two of a script, those first that make the word a word."""
    # It loads slowly, and few files leave anything to guess.
    import charset_normalizer

    usual = (_usual_name(match.encoding) for match in charset_normalizer.from_bytes(sample))
    guesses = [*(guess for guess in usual if guess in _KNOWN_ABROAD), *_ALSO_ABROAD]
    read = {guess: word.decode(guess, errors="replace") for guess in guesses}
    kept: list[str] = []
    n_of_script: Counter[str] = Counter()
    for guess in sorted(read, key=lambda guess: not _is_word_like(read[guess])):
        script = unicodedata.name(max(read[guess]), "").split(" ")[0]
        n_of_script[script] += 1
        kept += [guess] if n_of_script[script] <= 2 else []
    return kept


def _is_word_like(read: str) -> bool:
    return read.isalpha() and (read == read.lower() or read.istitle())


def _usual_name(encoding: str) -> str:
    return re.sub(r"^cp(125\d)$", r"windows-\1", encoding).replace("_", "-")


def _distinctive_word(sample: bytes) -> bytes:
    """The word with most bytes beyond ASCII among the first, which shows most of what an encoding does."""
    words = [match.group() for _, match in zip(range(200), _BYTE_WORD.finditer(sample), strict=False)]
    return max((word for word in words if len(word) <= 24), key=_n_beyond, default=words[0][:24])


def _n_beyond(word: bytes) -> int:
    return len(word.translate(None, _ASCII))


def _reads_whole(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while stream.read(_CHUNK):
                pass
    except UnicodeError:
        return False
    return True


def _bytes_beyond_ascii(path: Path) -> Counter[int]:
    counted: Counter[int] = Counter()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            counted.update(chunk.translate(None, _ASCII))
    return counted


def _decoded(n_of: Counter[int], encoding: str) -> Counter[str]:
    """How often each letter occurs, in lower case; an undefined byte is U+FFFD.

    Capitals stay where they stand at the places of the small letters of Windows-1252.
    """
    letters: Counter[str] = Counter()
    for byte, n in n_of.items():
        letter = bytes([byte]).decode(encoding, errors="replace")
        letters[letter if encoding in ("mac-roman", "cp850") else letter.lower()] += n
    return letters


def _reads_as_western(sample: bytes, n_of: Counter[int]) -> bool:
    """Whether Windows-1252 gives letters and signs of Western European text, standing as they do there.

    One letter in a hundred may be a foreign name's.
    """
    n_by_letter = _decoded(n_of, WESTERN)
    if "\ufffd" in n_by_letter:
        return False
    known = _WESTERN_LETTERS | _WESTERN_SYMBOLS
    if sum(n for letter, n in n_by_letter.items() if letter not in known) > 0.01 * n_by_letter.total():
        return False
    text = sample.decode(WESTERN, errors="replace")
    n_strange = _n_signs_within_words(text) + len(_NEVER_WESTERN.findall(text))
    return n_strange <= 0.01 * len(_BYTE_WORD.findall(sample))


def _n_signs_within_words(text: str) -> int:
    return sum(
        sign > "\x7f"
        and not sign.isalpha()
        and sign not in _WITHIN_WORDS
        and left.isalpha()
        and right.isalpha()
        and right.islower()
        for (left, sign), right in zip(pairwise(text), text[2:], strict=False)
    ) + len(re.findall(r"[a-z][ªº][a-z]", text))


def _other_encodings(sample: bytes, n_of: Counter[int]) -> Iterator[str]:
    """Encodings in which the bytes spell a language too, with other letters than in Windows-1252."""
    western = _decoded(n_of, WESTERN)
    few = len(set(_BYTE_WORD.findall(sample))) < _FEW_WORDS
    given: set[str] = set()
    for language in _OTHER_LANGUAGES:
        letters = _decoded(n_of, language.encoding)
        if language.encoding in given or letters == western:
            continue
        if _spells(letters, language, few=few) and not re.search(
            language.never, sample.decode(language.encoding, errors="replace").lower()
        ):
            given.add(language.encoding)
            yield language.encoding


def _spells(n_by_letter: Counter[str], language: _Language, *, few: bool) -> bool:
    if any(letter == "\ufffd" or "\x80" <= letter < "\xa0" for letter in n_by_letter):
        return False
    n_letters = sum(n for letter, n in n_by_letter.items() if letter not in _WESTERN_SYMBOLS)
    frequent = {letter: n_by_letter[letter] for letter in language.frequent if n_by_letter[letter]}
    n_frequent = sum(frequent.values())
    n_rare = sum(n_by_letter[letter] for letter in language.rare)
    if not frequent or n_frequent + n_rare < 0.98 * n_letters or n_frequent < 0.6 * n_letters:
        return False
    return few or len(frequent) >= min(3, len(language.frequent))


def _reads_as_arabic(sample: bytes) -> bool:
    """Whether Windows-1256 turns the strange bytes into Arabic words, the frequent letters frequently."""
    text = sample.decode("windows-1256", errors="replace")
    arabic = _letters_of_script(text, first="\u0600", last="\u06ff", least=0.9)
    return len(arabic) >= 4 and sum(letter in "اليمونرت" for letter in arabic) >= 0.3 * len(arabic)


def _reads_as_cyrillic(sample: bytes) -> bool:
    """Whether Windows-1251 gives Cyrillic words with the frequent letters frequent and no capital inside.

    KOI8-R, ISO 8859-5 and the encodings of Greek and Hebrew give Cyrillic letters too, but others.
    """
    text = sample.decode("windows-1251", errors="replace")
    cyrillic = _letters_of_script(text, first="\u0400", last="\u04ff", least=0.98)
    if len(cyrillic) < _FEW_LETTERS:
        return False
    if sum(letter in "оеаинтсрвл" for letter in cyrillic.lower()) < 0.58 * len(cyrillic):
        return False
    return len(re.findall(r"[а-я][А-Я]", text)) <= 0.01 * len(cyrillic)


def _letters_of_script(text: str, *, first: str, last: str, least: float) -> str:
    """The letters of the script, or none where others or signs are among them, or where they stand alone.

    In one of these encodings German umlauts become Arabic letters too, but lonely ones between Latin letters.
    """
    foreign = [letter for letter in text if letter > "\x7f" and letter not in _WESTERN_SYMBOLS]
    found = "".join(letter for letter in foreign if first <= letter <= last)
    n_signs = sum(letter > "\x7f" and letter in _WESTERN_SYMBOLS for letter in text)
    if len(found) < least * len(foreign) or n_signs > 0.2 * len(found):
        return ""
    together = apart = 0
    for left, right in pairwise(text):
        left_is, right_is = first <= left <= last, first <= right <= last
        together += left_is and right_is
        apart += (left_is and right.isascii() and right.isalpha()) or (
            right_is and left.isascii() and left.isalpha()
        )
    return found if together > 4 * apart else ""


_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_WAY = "--encoding NAME, in the browser the field Encoding"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python counts them among the encodings; they spell the names of hosts, and no file is written in them.
_OF_HOST_NAMES = frozenset({"idna", "punycode"})


@dataclass(frozen=True, slots=True)
class _Undecodable:
    byte: int
    line: int
    octet: int


def detect_encoding(path: Path, *, name: str) -> str:
    """The encoding of the whole file, checked to its last byte.

    Raises
    ------
    FormatError
        The bytes are no text, or no encoding reads all of them.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            check_encoding(path, encoding, name=name)
            return encoding
    wide = _utf16_without_bom(sample)
    if wide is not None:
        check_encoding(path, wide, name=name)
        return wide
    fault = _first_undecodable(path, "utf-8")
    if fault is None:
        return "utf-8"
    return _legacy_encoding(path, fault, name=name)


def check_encoding(path: Path, encoding: str, *, name: str) -> None:
    """Raise `FormatError` with byte and line where `path` is not in `encoding`."""
    known_encoding(encoding)
    try:
        fault = _first_undecodable(path, encoding)
    except UnicodeError as error:
        raise FormatError(
            f"{name} cannot be read as {encoding} ({error}): save it as UTF-8, or name the encoding it is in."
        ) from None
    if fault is not None:
        raise FormatError(
            f"{name}: byte {fault.byte} (line {fault.line}, value 0x{fault.octet:02X}) cannot be read as {encoding}: "
            f"save the file as UTF-8, or name the encoding it is in: {_WAY}."
        )


def known_encoding(name: str) -> str:
    """The name, where text is written in it. Raises `FormatError` where nothing, or no text, is."""
    try:
        # Some codecs turn bytes into bytes, and one only ever fails.
        "a".encode(name)
        is_of_files = codecs.lookup(name).name not in _OF_HOST_NAMES
    except (LookupError, ValueError):
        is_of_files = False
    if not is_of_files:
        raise FormatError(f"No encoding is called “{name}”: say for instance utf-8 or windows-1256.")
    return name


def _utf16_without_bom(sample: bytes) -> str | None:
    """UTF-16 text of any script has many zero (Latin) or equal (Arabic: 06) bytes on one side only."""
    pairs = sample[: len(sample) // 2 * 2]
    if len(pairs) < 4 or b"\x00" not in pairs:
        return None
    even, odd = pairs[0::2], pairs[1::2]
    n_even, n_odd = even.count(0), odd.count(0)
    # Blanks, separators and ends of lines have one in any script; a NUL here and there is only a fault.
    if 100 * max(n_even, n_odd) < len(even):
        return None
    if n_odd > 8 * n_even:
        return "utf-16-le"
    if n_even > 8 * n_odd:
        return "utf-16-be"
    return None


def _first_undecodable(path: Path, encoding: str) -> _Undecodable | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, n_lines = 0, 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                block = error.object
                # The codec counts from the bytes it still held, not from the chunk.
                byte = offset - len(pending) + error.start
                line = n_lines + block[: error.start].decode(encoding, errors="ignore").count("\n")
                return _Undecodable(byte=byte, line=line, octet=block[error.start])
            if not chunk:
                return None
            n_lines += text.count("\n")
            offset += len(chunk)


def _legacy_encoding(path: Path, fault: _Undecodable, *, name: str) -> str:
    with path.open("rb") as stream:
        # Mostly ASCII files would hide their script: look at the part around the first strange byte.
        stream.seek(max(0, fault.byte - _SAMPLE // 2))
        sample = stream.read(_SAMPLE)
    place = f"{name}: byte {fault.byte} (line {fault.line}, value 0x{fault.octet:02X})"
    if b"\x00" in sample:
        raise FormatError(f"{place} is not text: bring CSV, TSV, JSON, JSONL or XLSX.")
    if _is_mostly_utf8(sample):
        raise FormatError(
            f"{place} is not valid UTF-8, though the text around it is: repair that line, or name the encoding: {_WAY}."
        )
    found = certain_encoding(path, sample)
    if found is not None:
        return found
    raise FormatError(f"{place} is not valid UTF-8, and {_doubt(path, sample)} Name the right one: {_WAY}.")


def _doubt(path: Path, sample: bytes) -> str:
    read = [f"{encoding} reads “{word}”" for encoding, word in candidates(path, sample)]
    if not read:
        return "no other encoding fits."
    return f"its letters leave open which other encoding it is in. One word there: {', '.join(read)}."


def _is_mostly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", errors="replace")
    n_faults = text.count("\ufffd")
    n_wide = sum(1 for letter in text if letter > "\x7f") - n_faults
    return n_wide > 4 * n_faults
