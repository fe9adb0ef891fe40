"""Small sites that differ in one thing: who answers at the token endpoint."""
