"""A Python prefix as its files tell it: distributions, their files, how they compare and fit together."""
