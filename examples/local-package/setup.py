"""The package that the API is made of; built in the image, by its Python 3.6."""

from setuptools import setup

setup(
    name="text-tools",
    version="1.0.0",
    packages=["text_tools"],
    python_requires=">=3.6",
    install_requires=["Unidecode>=1.1,<2"],
)
