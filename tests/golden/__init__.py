"""What the program gives for the demonstration, kept: whoever moves code sees whether it still gives the same.

`python -m tests.golden --write` makes the files under `expected/` anew.
"""
