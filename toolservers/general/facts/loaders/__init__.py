"""Loaders of the general volume, in the order of the build."""

from toolservers.general.facts.loaders import currencies, geography
from toolservers.world.loader import Loader

LOADERS: tuple[Loader, ...] = (geography.load, currencies.load)
