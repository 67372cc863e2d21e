"""Scores, roots and flags: who is failing, whom that reaches, and who is told."""
