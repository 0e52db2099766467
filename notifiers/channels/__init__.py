"""One file per channel. Found by this folder (`catalogue.py`); no registration."""
