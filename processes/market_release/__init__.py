"""Release to the market by the registrant of what a contractor made and released."""
