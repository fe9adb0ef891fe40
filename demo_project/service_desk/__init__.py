"""The service desk: requests of people who belong to organizations, behind an API."""
