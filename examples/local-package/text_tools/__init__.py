"""Small helpers for texts."""

from collections import Counter

from unidecode import unidecode

_STOP_WORDS = {"a", "an", "and", "as", "at", "by", "for", "in", "is", "it", "of", "on", "or", "the", "to", "with"}


def keywords(text, count):
    """Return the most frequent words of `text` without accents and stop words, most frequent first."""
    words = (word.strip(".,;:!?\"'()") for word in unidecode(text).lower().split())
    found = Counter(word for word in words if word and word not in _STOP_WORDS)
    return [word for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:count]]
