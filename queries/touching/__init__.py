"""Whom to contact, and whom to leave alone."""
