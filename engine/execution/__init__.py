"""The adapter to SpiffWorkflow: the only place that imports it."""
