"""Who speaks when: from vectors of voices to turns and labels of words. Pure."""
