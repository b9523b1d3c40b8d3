"""What buttons, jobs and the scheduler call."""
