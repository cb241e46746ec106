"""Commands of the contract, one file each."""
