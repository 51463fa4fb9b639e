"""Human label distributions and their entropy."""
