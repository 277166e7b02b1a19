"""Where it is kept: the workspace folder. Losing the process loses nothing."""
