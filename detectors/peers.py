"""How the new is judged: what is thought of an entity of which little is known yet."""

from typing import Literal

Peers = Literal["shrunk", "own", "all"]
"""Between its own cases and its peers', as ships; by its own alone, unknown without any; as the widest circle."""
