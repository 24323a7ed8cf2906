"""HTTP and the command line: parse, dispatch, present."""
