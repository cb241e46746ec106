"""Who may do what, asked of every operation of the contract by every kind of actor, and by strangers of each other."""
