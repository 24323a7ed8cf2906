"""The process procurement: diagram, decisions, forms and what its service tasks do."""
