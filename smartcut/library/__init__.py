"""A library: what is seen and said in a folder of media, kept so that it is found in a moment.

codes.py      vectors as one bit a dimension, and how near a query they are (pure)
segments.py   immutable files of vectors on disk
vectors.py    the search over segments
catalogue.py  files, shots and sentences in SQLite; which vectors belong to which file
looking.py    the networks: what is asked of pictures, words and speech
indexing.py   a folder's changes brought into the catalogue
searching.py  a question answered: stretches of shots, scored
results.py    what was found, as a cut
"""
