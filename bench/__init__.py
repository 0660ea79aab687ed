"""Speed, measured: a seeded market and what is done with it. Ratios within one run count, seconds do not."""
