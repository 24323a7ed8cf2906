"""Field service: work on a device where it is used, from the request to its closed record."""
