"""What distributions say of themselves, read in one way wherever it comes from."""
