"""The facts of the financial domain: rates, markets, companies, banks, prices."""

NEEDS = ("general",)
