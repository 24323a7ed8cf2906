"""The process receiving: diagram, decisions, forms and what its service tasks do."""
