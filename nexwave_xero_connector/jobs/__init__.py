"""What the queue and the scheduler call: nothing here is whitelisted or checks permissions."""
