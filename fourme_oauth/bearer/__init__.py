"""Bearer tokens over HTTP (RFC 6750): shared by DRF views and plain Django views."""
