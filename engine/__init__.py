"""Runs processes and keeps the record; knows no web, no items and no lots."""
