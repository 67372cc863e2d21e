"""What judges a generation without asking anybody: which ones, by what, and within which bounds."""
