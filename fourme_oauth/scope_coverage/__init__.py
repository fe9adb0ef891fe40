"""Which of the site's API views declare which scopes: read from the URLconf, compared with the catalogue."""
