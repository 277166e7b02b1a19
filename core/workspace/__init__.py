"""Where it is kept: the workspace folder and the state store. Losing the process loses nothing."""
