"""The demo's data: put in once, put back as documented by every run, and described in one document."""
