"""What an anchor holds of itself, and how its ids are found."""
