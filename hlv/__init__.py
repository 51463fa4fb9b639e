"""HLV: human label variation and meta-evaluation."""

__version__ = "0.2.0"
