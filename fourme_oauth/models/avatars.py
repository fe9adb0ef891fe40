"""Placeholder for an application's logo."""


def initials_of(name: str) -> str:
    """Return the first letters of the first two words, in capitals."""
    return "".join(word[0] for word in name.split()[:2]).upper()
