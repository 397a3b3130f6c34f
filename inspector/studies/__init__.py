"""Studies: many texts × many compressors × settings, kept as one table. Importing this costs nothing."""
