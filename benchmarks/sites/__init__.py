"""Small sites that differ only in the package that is measured."""
