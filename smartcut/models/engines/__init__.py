"""Networks on a CPU through the fastest engine whose answers stay those of the network.

A network is given as a torch module. Once for its weights, the versions of the libraries and the
processor it is exported, compared with itself in torch on made pictures, and kept beside the
weights; afterwards it is loaded without torch.
"""
