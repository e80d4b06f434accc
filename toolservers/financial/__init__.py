"""Financial tools: rates, markets, companies, banks, prices, fixed income, options, tax."""
