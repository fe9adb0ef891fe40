"""Concurrent requests that issue codes or tokens while access is revoked."""

from dataclasses import dataclass, field

from benchmarks.served.people import code_of


@dataclass
class Minted:
    """Codes and tokens issued before and during the revocation, and other responses."""

    pairs: list = field(default_factory=list)
    codes: list = field(default_factory=list)
    statuses: set = field(default_factory=set)

    def take(self, response):
        """Keep the pair that ``response`` has, if it has one; return its refresh token."""
        self.statuses.add(response.status_code)
        if response.status_code != 200:
            return None
        self.pairs.append(response.json())
        return self.pairs[-1]["refresh_token"]


class Exchange:
    """Seven requests with one code."""

    def __init__(self, application, visitor, other_tab):
        self.minted = Minted(codes=[visitor.code(application)])
        self.acts = [lambda: self.minted.take(application.exchange(self.minted.codes[0]))] * 7


class Refresh:
    """Three clients that hold the same refresh token, and go on with what they get, a few times."""

    def __init__(self, application, visitor, other_tab):
        self.application, self.minted = application, Minted()
        self.first = self.minted.take(application.exchange(visitor.code(application)))
        self.acts = [self.go_on] * 3

    def go_on(self):
        held = self.first
        for _ in range(3):
            held = held and self.minted.take(self.application.refresh(held))


class SecondAllow:
    """A user who allowed a part and presses Allow at the prompt for the rest, twice, while the first tokens live."""

    def __init__(self, application, visitor, other_tab):
        self.minted = Minted()
        part = visitor.get(f"{application.link}&scope=account:read")
        self.minted.take(application.exchange(code_of(visitor.allow(part))))
        self.other_tab, self.prompt = other_tab, other_tab.get(application.link)
        self.acts = [self.press_allow] * 2

    def press_allow(self):
        visit = self.other_tab.allow(self.prompt)
        self.minted.statuses.add(visit.status)
        if visit.elsewhere is not None:
            self.minted.codes.append(code_of(visit))


MINTING = [Exchange, Refresh, SecondAllow]
