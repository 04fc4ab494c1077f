"""Files as they come from the wild, or from an enemy: a corpus made by a script, and its trial."""
