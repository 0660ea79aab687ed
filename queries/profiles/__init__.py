"""What profiles of people and of accounts have in common."""
