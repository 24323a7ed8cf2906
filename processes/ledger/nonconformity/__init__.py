"""Nonconforming product and what follows from it: dispositions, concessions, SCAR and CAPA."""
