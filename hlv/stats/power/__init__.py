"""Power analysis: simulated judgments and campaigns, and comparison designs."""
