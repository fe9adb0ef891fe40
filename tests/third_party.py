"""The kit's third-party application, under the name that the tests know."""

from fourme_oauth.testing.third_party import CHALLENGE, VERIFIER, HiddenInputs, ThirdParty, answer_parameters

__all__ = ["CHALLENGE", "VERIFIER", "HiddenInputs", "ThirdParty", "answer_parameters"]
