"""Adapters in the face of faults that no engine shows."""
