"""Release of made goods: their history record is reviewed before quality lets them go."""
