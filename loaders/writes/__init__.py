"""Mutations that say one fact, one module each: a row of a kind, said by its author, checked and written as a file's row is."""
