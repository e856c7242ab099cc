"""Answers as people would write them from facts, and known mistakes put into them; knows nothing of the gates."""
