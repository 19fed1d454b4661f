"""The catalog of images: package data into predictors."""
