"""Run in the site's process: migrate, seed, log visitors in, and print document and session keys as JSON."""

import argparse
import json
import sys
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

from demo_project.seed.document import seed


def prepare(*, base_url: str, visitors: int) -> dict[str, Any]:
    """Return the demo's document, and the session key of each visitor."""
    call_command("migrate", interactive=False, stdout=sys.stderr)
    # No password is used here, and hashing them would take most of the time.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        document = seed(base_url=base_url, rotate_secrets=True)
    return {"document": document, "sessions": dict(_session_keys(visitors))}


def _session_keys(visitors: int) -> list[tuple[str, str]]:
    specialist = Group.objects.get(name="specialist")
    users = [User.objects.create(username=f"visitor{number}") for number in range(visitors)]
    specialist.user_set.add(*users)
    return [(user.username, _session_key_of(user)) for user in users]


def _session_key_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return str(browser.cookies["sessionid"].value)


def main() -> None:
    """Read the options and print the document."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--visitors", type=int, required=True)
    print(json.dumps(prepare(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
