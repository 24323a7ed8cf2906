"""The form language: a form is one JSON file, the same for every terminal and for the server."""
