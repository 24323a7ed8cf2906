"""One round of a field action: reports to authorities and notices to consignees."""
