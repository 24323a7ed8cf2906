"""Change control: what is to change and why, who assessed it, what it brought into force."""
