"""What the record says: cohorts, outcomes, the consensus and its figures."""
