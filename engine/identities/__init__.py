"""Who people are to the engine: accounts, passwords, and proving it again to sign."""
