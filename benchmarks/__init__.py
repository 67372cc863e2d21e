"""What Catchment costs and how fast it is, measured on this machine: `make bench` rewrites `docs/performance.md`."""
