"""What a flight is held to: endpoints, policy packs, rules, findings, the audit."""
