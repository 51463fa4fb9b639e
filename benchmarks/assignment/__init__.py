"""What the sections about the annotating page share: databases of their own, full studies, people at work."""
