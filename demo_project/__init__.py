"""A small service desk that mounts fourme_oauth, and a third-party application that uses its API."""
