"""Telling one consignee of a field action, until it has answered or everything was tried."""
