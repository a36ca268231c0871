"""What the other modules build on: Arrow's protocols, closing, escaped text."""
