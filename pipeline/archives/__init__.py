"""Archives among the sources: their members as sources, within limits."""
