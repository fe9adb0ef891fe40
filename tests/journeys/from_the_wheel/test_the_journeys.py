"""The same tests, against the installed wheel."""

import pytest

from tests.journeys.test_discovery import TestDiscovery  # noqa: F401
from tests.journeys.test_the_eleven_steps import (  # noqa: F401 - collected here too, with this folder's site
    TestTheElevenSteps,
    TestWhatIsSwitchedOffIsOutAtTheNextRequest,
)

pytestmark = pytest.mark.wheel
