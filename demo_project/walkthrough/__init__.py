"""The flow of the product documentation, walked over HTTP by a browser and by a client library that others wrote."""
