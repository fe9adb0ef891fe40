"""A fast password hasher, to leave the cost of hashing out of a comparison."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class OneRound(PBKDF2PasswordHasher):
    """PBKDF2 with one iteration. Never for passwords."""

    algorithm = "one_round"
    iterations = 1
