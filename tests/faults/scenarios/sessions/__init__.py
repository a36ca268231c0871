"""Sessions and contexts: whether what they refuse is refused wherever they should hold."""
