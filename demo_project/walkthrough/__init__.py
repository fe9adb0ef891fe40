"""The flow of the product documentation, run over HTTP with a scripted browser and an independent client library."""
