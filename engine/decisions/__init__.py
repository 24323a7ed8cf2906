"""DMN: decision tables and expressions, read once, checked for gaps, evaluated without eval."""
