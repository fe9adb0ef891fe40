"""A third-party application whose connections may break; it then retries."""

import requests

# Before any response, and in the middle of one.
CUT = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


class Interrupted:
    """One user's credentials: first the code, then a chain of refresh tokens."""

    def __init__(self, visitor, application):
        self.application = application
        self.code = visitor.code(application)
        self.tokens = None
        self.was_cut = False

    def step(self):
        """Exchange the code, or refresh."""
        if self.tokens is None:
            return self.application.exchange(self.code)
        return self.application.refresh(self.tokens["refresh_token"])

    def go_on_until(self, stop):
        """Take one step after the other, until ``stop`` is set or an answer does not come."""
        while not (self.was_cut or stop.is_set()):
            try:
                response = self.step()
            except CUT:
                self.was_cut = True
            else:
                assert response.status_code == 200, response.text
                self.tokens = response.json()

    def has_a_working_pair_or_is_refused(self):
        """Present again what was presented when the answer did not come, or what there was no time to present."""
        if self.was_cut or self.tokens is None:
            response = self.step()
            if response.status_code == 400:
                return response.json()["error"] == "invalid_grant"
            self.tokens = response.json()
        return self.application.call(self.tokens["access_token"]).status_code == 200
