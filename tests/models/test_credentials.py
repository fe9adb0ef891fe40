import hashlib
import re

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from fourme_oauth.models.credentials import (
    ACCESS_TOKEN_PREFIX,
    ALPHABET,
    CHECKSUM_CHARACTERS,
    CLIENT_SECRET_PREFIX,
    RANDOM_CHARACTERS,
    REFRESH_TOKEN_PREFIX,
    checksum,
    digest,
    generate,
    is_unusable_hash,
    unusable_hash,
)

PREFIXES = [ACCESS_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX, CLIENT_SECRET_PREFIX]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_credential_says_by_its_prefix_what_it_is(prefix):
    assert generate(prefix).startswith(prefix)


def test_the_prefixes_are_those_that_leak_scanners_were_told():
    assert PREFIXES == ["fma_", "fmr_", "fms_"]


def test_a_credential_ends_with_the_checksum_of_what_stands_before():
    text = generate(ACCESS_TOKEN_PREFIX)
    assert text[-CHECKSUM_CHARACTERS:] == checksum(text[:-CHECKSUM_CHARACTERS])


def test_a_mistyped_credential_does_not_match_its_checksum():
    text = generate(ACCESS_TOKEN_PREFIX)
    mistyped = text[:10] + ("0" if text[10] != "0" else "1") + text[11:]
    assert mistyped[-CHECKSUM_CHARACTERS:] != checksum(mistyped[:-CHECKSUM_CHARACTERS])


def number(text):
    """Read base 62, most significant character first."""
    value = 0
    for character in text:
        value = value * 62 + ALPHABET.index(character)
    return value


def test_the_checksum_is_the_crc_32_in_base_62():
    assert number(checksum("123456789")) == 0xCBF43926


def test_a_small_checksum_is_filled_up_with_zeros():
    assert checksum("") == "000000"


def test_a_credential_has_256_random_bits():
    assert len(ALPHABET) ** RANDOM_CHARACTERS >= 2**256


def test_the_random_part_is_as_long_as_it_claims():
    assert len(generate("fma_")) == len("fma_") + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS


def test_the_random_part_comes_from_the_operating_system(monkeypatch):
    monkeypatch.setattr("fourme_oauth.models.credentials.secrets.choice", lambda alphabet: alphabet[1])
    assert generate("fma_")[4:-CHECKSUM_CHARACTERS] == "1" * RANDOM_CHARACTERS


def test_no_two_credentials_are_the_same():
    assert len({generate("fma_") for _ in range(100)}) == 100


def test_the_digest_is_plain_sha_256():
    assert digest("fma_x") == hashlib.sha256(b"fma_x").hexdigest()


def test_the_digest_does_not_depend_on_the_secret_key(settings):
    before = digest("fma_x")
    settings.SECRET_KEY = "another"
    assert digest("fma_x") == before


def test_an_unusable_hash_looks_like_one_of_django_s():
    assert re.fullmatch(r"pbkdf2_sha256\$1\$[a-z]+\$[A-Za-z0-9+/]{43}=", unusable_hash())


@pytest.mark.parametrize("presented", ["", "fms_x"])
def test_an_unusable_hash_is_one_of_no_secret(presented):
    assert not PBKDF2PasswordHasher().verify(presented, unusable_hash())


def test_no_two_unusable_hashes_are_the_same():
    assert unusable_hash() != unusable_hash()


def test_an_unusable_hash_is_known_as_one():
    assert is_unusable_hash(unusable_hash())


@pytest.mark.parametrize("stored", ["", "a readable secret", PBKDF2PasswordHasher().encode("fms_x", "salt", 1)])
def test_nothing_else_is_an_unusable_hash(stored):
    assert not is_unusable_hash(stored)
