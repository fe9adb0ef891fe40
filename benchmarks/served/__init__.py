"""The demo as in production: under gunicorn, on a database of its own."""
