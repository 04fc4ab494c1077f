"""What the tests of several rooms make their media, networks and stages with."""
