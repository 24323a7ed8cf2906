"""What each operation of a tree does."""
