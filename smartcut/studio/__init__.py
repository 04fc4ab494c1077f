"""The studio: a planned film played, corrected and rendered, without a browser or with one."""
