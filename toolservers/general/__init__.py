"""General tools: countries, calendars, time zones, units, arithmetic."""
