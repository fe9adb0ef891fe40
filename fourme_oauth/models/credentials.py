"""Generation and hashing of tokens and secrets."""

import hashlib
import secrets
import string
import zlib
from base64 import b64encode

ALPHABET = string.digits + string.ascii_letters
RANDOM_CHARACTERS = 43  # 62 ** 43 > 2 ** 256
CHECKSUM_CHARACTERS = 6  # 62 ** 6 > 2 ** 32

ACCESS_TOKEN_PREFIX = "fma_"  # noqa: S105 - the public part
REFRESH_TOKEN_PREFIX = "fmr_"  # noqa: S105 - the public part
CLIENT_SECRET_PREFIX = "fms_"  # noqa: S105 - the public part

UNUSABLE_HASH = "pbkdf2_sha256$1$fourmeoauthunusable$"
"""Prefix of unusable client secret hashes: Django's format, with one iteration and a salt of our own."""


def generate(prefix: str) -> str:
    """
    Return a new credential: ``prefix``, 256 random bits, and a checksum over both.

    The prefix and the checksum let a leak scanner recognize one in a text, without false positives or a lookup.
    """
    text = prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return text + checksum(text)


def checksum(text: str) -> str:
    """Return the CRC-32 of ``text`` in base 62, most significant character first."""
    number = zlib.crc32(text.encode())
    characters = []
    for _ in range(CHECKSUM_CHARACTERS):
        number, index = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[index])
    return "".join(reversed(characters))


def stored_form(plaintext: str) -> str:
    """Return the digest of a client secret, prefixed with the algorithm's name, so that it can be changed."""
    return f"sha256${digest(plaintext)}"


def digest(text: str) -> str:
    """
    Return the SHA-256 of a credential, in hexadecimal: what the database stores.

    One round is enough: 256 random bits can't be guessed. No key is used, so that rotating ``SECRET_KEY`` invalidates
    no credential.
    """
    # A text with lone surrogates is no credential, but must not raise.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def unusable_hash() -> str:
    """
    Return a random hash that no secret matches, for the toolkit's client secret column.

    Django recognizes it as a hash. The toolkit compares any other text as plaintext, and so accepts an empty secret
    where the column is empty. Random, because a site whose ``PASSWORD_HASHERS`` lack PBKDF2 compares even this so.
    """
    return UNUSABLE_HASH + b64encode(secrets.token_bytes(32)).decode()


def is_unusable_hash(stored: str) -> bool:
    """Return whether ``stored`` is from ``unusable_hash``, so that no secret needs to be checked against it."""
    return stored.startswith(UNUSABLE_HASH)
