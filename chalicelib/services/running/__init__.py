"""Agents that run here: a record first, each attempt recorded before its request, then the outcome."""
