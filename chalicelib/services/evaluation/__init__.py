"""Have generations judged by what tenants have configured: what is due, judging, verdicts, backfills."""
