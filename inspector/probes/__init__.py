"""Probes: questions put to a compressor with texts made for the purpose."""
