"""What smartcut is compared with, each a small program of its own."""
