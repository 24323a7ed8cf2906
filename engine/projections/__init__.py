"""Read models: each is a function of the trail alone, so it can be thrown away and made again."""
