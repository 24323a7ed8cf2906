"""Cancelling a receipt: goods that were never to be booked are taken out of the book again."""
