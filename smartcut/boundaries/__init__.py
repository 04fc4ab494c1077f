"""Where shots begin and end: what is measured, the rules, and PySceneDetect."""
