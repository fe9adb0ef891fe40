"""The OAuth endpoints, and what the toolkit and oauthlib call of this package."""
