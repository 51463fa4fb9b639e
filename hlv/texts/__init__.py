"""From any number to the texts behind it: pages that join what annotators, methods and judges said."""
