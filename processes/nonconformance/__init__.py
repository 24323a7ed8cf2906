"""Nonconformance: contain, trace, classify, dispose of, close."""
