"""Who is the same, measured: labelled records, the training of the weights, precision and recall."""
