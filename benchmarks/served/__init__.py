"""The demo as a site would run it: gunicorn in processes of its own, on a database of its own."""
