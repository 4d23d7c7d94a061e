"""What many rules use: the type of a rule, needs, evidence, tracks, and the words of findings."""
