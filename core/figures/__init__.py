"""How it looks: pure functions, a table in and a figure out; colour, font and number format come from one theme."""
