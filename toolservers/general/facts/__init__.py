"""The facts of the general domain: countries, cities, time zones, currencies."""

NEEDS: tuple[str, ...] = ()
