"""What every page is made of: assets, escaping, policy, times."""
