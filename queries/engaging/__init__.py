"""What people did with us, and what that comes to: what the questions of engagement, tags and the funnel share."""
