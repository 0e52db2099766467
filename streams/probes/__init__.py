"""Whether this process lives and is ready, asked over HTTP, answered by a thread of its own."""
