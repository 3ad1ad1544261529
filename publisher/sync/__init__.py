"""From State to the storage: plan, refusals, claims, uploads; local copies of State."""
