"""Messages of few words that would take very much: DataFusion's messages, written by hand."""
