"""For older bench versions, which read the app's name here. Everything else is in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

VERSION = re.search(
	r'^__version__ = "(.+)"$',
	Path(__file__).with_name("nexwave_xero_connector").joinpath("__init__.py").read_text(encoding="utf-8"),
	re.MULTILINE,
)

setup(
	name="nexwave_xero_connector",
	version=VERSION.group(1),
	packages=find_packages(include=["nexwave_xero_connector", "nexwave_xero_connector.*"]),
	include_package_data=True,
)
