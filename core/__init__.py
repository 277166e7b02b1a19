"""The core of Tierwise: everything that decides a tier, and nothing that draws a screen."""
