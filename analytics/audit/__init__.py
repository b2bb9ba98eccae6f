"""The statistics of quality auditing: rates with limits, centers in a funnel, rates over time."""
