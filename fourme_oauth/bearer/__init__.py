"""A bearer token over HTTP (RFC 6750): what both doors to a site's API, DRF's views and plain ones, stand on."""
