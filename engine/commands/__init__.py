"""Everything that can be asked; each command beside how it is carried out."""
