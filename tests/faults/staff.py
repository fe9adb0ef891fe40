"""
Acts of administrators while applications go on, over their own database connection.

Run in the site, it reads an act and a user name from each line, does it, and replies once it is committed.
"""

import json
import subprocess
import sys
from contextlib import contextmanager

from benchmarks.served.demo import IN_THE_SITE
from demo_project.state_folder import PROJECT_ROOT

RETIRED = "request:read"
LEFT = "-left"


class Staff:
    """Sends an act to the process; it is committed when the call returns."""

    def __init__(self, process):
        self._process = process

    def do(self, act, username):
        self._process.stdin.write(f"{act} {username}\n")
        self._process.stdin.flush()
        assert json.loads(self._process.stdout.readline()) == f"{act}: done"


@contextmanager
def staff_of(demo):
    """Run the process for the duration of the block."""
    with subprocess.Popen(
        [sys.executable, "-c", IN_THE_SITE, "tests.faults.staff"],
        cwd=PROJECT_ROOT,
        env=demo.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Staff(process)
        process.stdin.close()


def acts():
    """Map each act to its function. The models can be imported only in the site."""
    from django.contrib.auth.models import User
    from django.db import transaction
    from django.test import override_settings

    from fourme_oauth import revocation
    from fourme_oauth.models import Application, Authorization, Scope

    def save(instance, **changes):
        for name, value in changes.items():
            setattr(instance, name, value)
        instance.save()

    def dashboard():
        return Application.objects.get(name="Acme Dashboard")

    def for_good(username, /, **changes):
        # As the admin saves: in a transaction. Only here does the site say so, so that no refused use helps.
        with override_settings(FOURME_OAUTH={"END_ACCESS_OF_DEACTIVATED_USERS": True}), transaction.atomic():
            save(User.objects.get(username=username), is_active=False, **changes)

    def scope():
        return Scope.objects.get(name=RETIRED)

    return {
        "forget": lambda username: revocation.revoke_several(Authorization.objects.filter(user__username=username)),
        "disable": lambda username: revocation.disable(dashboard()),
        "disable by form": lambda username: save(dashboard(), disabled=True),
        "enable": lambda username: save(dashboard(), disabled=False),
        "end": lambda username: revocation.end_application(dashboard()),
        "deactivate": lambda username: save(User.objects.get(username=username), is_active=False),
        "deactivate by query": lambda username: User.objects.filter(username=username).update(is_active=False),
        "deactivate for good": for_good,
        "rename for good": lambda username: for_good(username, username=f"{username}{LEFT}"),
        "come back": lambda username: save(
            User.objects.get(username__in=[username, f"{username}{LEFT}"]), is_active=True, username=username
        ),
        "activate": lambda username: save(User.objects.get(username=username), is_active=True),
        "retire": lambda username: save(scope(), retired=True),
        "restore": lambda username: save(scope(), retired=False),
    }


def main():
    known = acts()
    for line in sys.stdin:
        act, _, username = line.strip().rpartition(" ")
        known[act](username)
        print(json.dumps(f"{act}: done"), flush=True)


if __name__ == "__main__":
    main()
