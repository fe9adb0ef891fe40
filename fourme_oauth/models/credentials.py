"""The text of tokens and secrets: how it is made, and the one form in which it is stored."""

import hashlib
import secrets
import string
import zlib
from base64 import b64encode

ALPHABET = string.digits + string.ascii_letters
RANDOM_CHARACTERS = 43  # 62 ** 43 > 2 ** 256
CHECKSUM_CHARACTERS = 6  # 62 ** 6 > 2 ** 32

ACCESS_TOKEN_PREFIX = "fma_"  # noqa: S105 - the part that everybody may know
REFRESH_TOKEN_PREFIX = "fmr_"  # noqa: S105 - the part that everybody may know
CLIENT_SECRET_PREFIX = "fms_"  # noqa: S105 - the part that everybody may know

UNUSABLE_HASH = "pbkdf2_sha256$1$fourmeoauthunusable$"
"""How an unusable hash of a client secret begins: as Django's hashes do, with one iteration and a salt of our own."""


def generate(prefix: str) -> str:
    """
    Return a new credential: ``prefix``, 256 random bits, and a checksum over both.

    The prefix and the checksum let a leak scanner find one in a text, and tell it from a chance match, without asking.
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
    """Return the digest of a client secret with its algorithm's name in front, so that it can be changed one day."""
    return f"sha256${digest(plaintext)}"


def digest(text: str) -> str:
    """
    Return the SHA-256 of a credential, in hexadecimal: what the database stores.

    One round is enough: there is nothing to guess in 256 random bits. No key is used, so that rotating ``SECRET_KEY``
    ends no integration.
    """
    # Text that is not Unicode is no credential, but it must not be an error either.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def unusable_hash() -> str:
    """
    Return what the toolkit's column for a client secret holds where there is none: a hash of nothing, always another.

    Django takes it for a hash. The toolkit compares any other text as it is, and so accepts an empty secret where the
    column is empty. Random, because even this is compared as it is where a site's ``PASSWORD_HASHERS`` lack PBKDF2.
    """
    return UNUSABLE_HASH + b64encode(secrets.token_bytes(32)).decode()


def is_unusable_hash(stored: str) -> bool:
    """Is ``stored`` what ``unusable_hash`` returns, so that no secret needs to be checked against it?"""
    return stored.startswith(UNUSABLE_HASH)
