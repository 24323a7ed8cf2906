"""Clocks that the law counts: objects with authority, calendar, start and stop, each with proof."""
