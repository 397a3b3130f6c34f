"""The English pipeline that ships in `models/english`: corpora, word vectors, `spacy train`, export."""
