"""The service desk: an API over requests, the people who made them, and their organizations."""
