"""Shot detectors, one a module; its name is the one to write in `shots: {detector: NAME}`."""
