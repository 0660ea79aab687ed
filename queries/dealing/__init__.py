"""A deal, the people who decide about it and what is known of it: what the questions of opportunities share."""
