"""FEEL: parsed once into a JSON tree, evaluated with decimals and three-valued logic."""
