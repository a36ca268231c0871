"""DataFusion's own test files: where they are, how they are read, and what they do not bring."""
