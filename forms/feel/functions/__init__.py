"""The built-in functions of FEEL, by what they work on.

Each takes the budget of the evaluation and its arguments, and gives None (null) for arguments it
has no answer for. registry.py gives them their FEEL names and parameter names.
"""
