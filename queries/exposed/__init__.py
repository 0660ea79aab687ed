"""How exposed accounts are to a competitor: what the questions of competitors share."""
