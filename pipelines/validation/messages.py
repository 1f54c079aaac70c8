"""The message catalogue: what a summary says, in each language, with that language's numbers, quotes and plurals."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from pipelines.specs.strict_yaml import parse

Language = Literal["en", "fr", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

CATALOGUE = Path(__file__).with_name("messages.yaml")
NARROW_SPACE = "\u202f"
_GROUP_MARKS: dict[Language, str] = {"en": ",", "fr": NARROW_SPACE, "es": "."}
_FRENCH_SPACES = re.compile(r" (?=[;:!?»])|(?<=«) ")
_MOST_SHOWN = 60
_ELLIPSIS = "…"


@cache
def catalogue() -> dict[str, Any]:
    """All messages, as `messages.yaml` has them."""
    content: dict[str, Any] = parse(CATALOGUE.read_text("utf-8")).value
    return content


def shown(text: str, most: int = _MOST_SHOWN) -> str:
    """A text from a file or a schema, safe to show: what cannot be seen is escaped, what is long is cut.

    Args:
        text: Any text.
        most: Characters at most.
    """
    if len(text) > most:
        text = text[: most - 1] + _ELLIPSIS
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return seen if len(seen) <= most else seen[: most - 1] + _ELLIPSIS


@dataclass(frozen=True)
class Messages:
    """The messages of one language."""

    language: Language

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"{self.language!r} is not a language of the summaries: {', '.join(LANGUAGES)}")

    def say(self, section: str, key: str, *, count: int | None = None, **filled: str) -> str:
        """One message, filled in.

        Args:
            section: `hints`, `types`, `phrases`, ….
            key: The message in it.
            count: The number that decides between the forms of the text, `{count}` in it.
            filled: What stands for the words in braces.
        """
        return self.fill((section, key), filled, count)

    def fill(self, path: tuple[str, ...], filled: Mapping[str, str], count: int | None = None) -> str:
        """The message at a place of the catalogue, filled in; see `say`."""
        message: Any = catalogue()
        for key in (*path, self.language):
            message = message[key]
        text: str = message[self._form(count or 0, message)] if isinstance(message, dict) else message
        if self.language == "fr":
            text = _FRENCH_SPACES.sub(NARROW_SPACE, text)
        return text.format_map({**filled, "count": self.number(count or 0)})

    def number(self, value: int) -> str:
        """A whole number, its thousands set apart as the language does."""
        return f"{value:,}".replace(",", _GROUP_MARKS[self.language])

    def quoted(self, text: str) -> str:
        """A text from outside, shown safely and in quotes."""
        return self.say("phrases", "quoted", text=shown(text))

    def listed(self, texts: Sequence[str], most: int) -> str:
        """Texts from outside in quotes, one after the other; of many only the first, and how many more there are."""
        return self.shortened([self.quoted(text) for text in texts[:most]], len(texts))

    def shortened(self, items: Sequence[str], total: int) -> str:
        """Items one after the other, and how many there are beyond them."""
        more = total - len(items)
        return ", ".join(items) + (f" {self.say('expected', 'more', count=more)}" if more > 0 else "")

    def joined(self, parts: Iterable[str]) -> str:
        """Parts of a sentence, one after the other."""
        whole = ""
        for part in parts:
            whole = self.say("expected", "and_then", first=whole, second=part) if whole else part
        return whole

    def _form(self, count: int, forms: dict[str, str]) -> str:
        """The plural form, by Unicode's rules (CLDR) for whole numbers in these languages."""
        if count == 1 or (count == 0 and self.language == "fr"):
            return "one"
        return "many" if "many" in forms and count and count % 1_000_000 == 0 else "other"
