"""Train a compressor of one's own on real models; docs/finetune.md says how."""
