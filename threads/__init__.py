"""Conversations that outlive a request: runs, their events, the journal, leases and erasure."""
