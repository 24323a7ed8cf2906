"""Making: bills of material, work orders, what went in and what came out, labels, mass balance."""
