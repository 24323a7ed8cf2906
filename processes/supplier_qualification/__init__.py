"""The process supplier_qualification: diagram, decisions, forms and what its service tasks do."""
