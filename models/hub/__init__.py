"""Models of transformers' kind, from a folder or the hub: what every compressor built around one needs."""
