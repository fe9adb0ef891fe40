"""The demo's data: created once, reset to what is documented by every run, and described in one document."""
