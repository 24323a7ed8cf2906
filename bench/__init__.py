"""What the product costs, measured: medians and ratios in one run, never a timed test."""
