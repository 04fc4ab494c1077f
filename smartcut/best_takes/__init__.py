"""The best reading of many takes of one script: aligned, weighed word by word, and joined. Pure."""
