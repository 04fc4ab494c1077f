"""What is written down of a film: manifest, provenance, signatures and labels."""
