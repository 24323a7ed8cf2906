"""Tests of FEEL."""
