"""What pages share: each file shows one kind of thing, and decides nothing."""
