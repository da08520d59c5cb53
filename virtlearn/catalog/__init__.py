"""Numbers with their source: the published evidence, and the platforms that are made of it."""
