"""The one-command local run: an engine, the API and the worker, each a process of its own, under one supervisor."""
