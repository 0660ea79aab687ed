"""Mutations, one module each: a numbered write that a person asks for."""
