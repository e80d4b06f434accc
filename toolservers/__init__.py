"""Real tools over a world of real facts, served over MCP."""
