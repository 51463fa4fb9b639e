"""HLV: human label variation and meta-evaluation."""

__version__ = "0.1.0"
