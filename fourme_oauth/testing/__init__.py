"""
A kit for a site's own tests: factories, clients with tokens, and a third-party application that runs in process.

Needs the extra ``testing``. Nothing here is imported unless a test asks for it; see docs/testing.md.
"""
