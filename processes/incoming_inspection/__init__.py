"""The process incoming_inspection: diagram, decisions, forms and what its service tasks do."""
