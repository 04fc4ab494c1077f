"""Speed and memory of smartcut beside its peers, on the same input in the same run."""
