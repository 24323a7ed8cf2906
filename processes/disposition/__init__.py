"""Carrying out a disposition: scrap, return, rework, concession, sort, re-grade, retain."""
