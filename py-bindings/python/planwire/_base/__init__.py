"""The base of the other modules: Arrow's protocols, closing, escaped text."""
