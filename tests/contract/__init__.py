"""One suite per port: the same promises, kept by the fake and by the adapters on every engine."""
