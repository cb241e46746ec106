"""Plans: how the rows of a query are read, at one of three levels that give the same JSON."""
