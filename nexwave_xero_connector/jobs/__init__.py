"""What the queue and the scheduler call. Nothing here is whitelisted, and nothing checks permissions."""
