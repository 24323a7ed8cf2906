"""Work on devices where they are used: installed units, service orders, visits, parts, readings."""
