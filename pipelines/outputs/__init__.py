"""Publication formats, one module each: a release goes in, files come out."""
