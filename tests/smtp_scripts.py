"""A mail server that says what it is told to, for replies that no decent server gives."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

Script = Mapping[str, bytes]
"""Reply by what was read: a command's word, `.` for the end of the content, empty for the greeting."""

_DECENT: Script = {"": b"220 hello\r\n", "DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}


class Listening(NamedTuple):
    """Where, and who is connected now."""

    port: int
    open_now: set[asyncio.StreamWriter]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator["Listening"]:
    """Listens on a free port of loopback, and closes what is open at the end."""
    replies = {**_DECENT, **script}
    open_now: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(writer)
        writer.write(replies[""])
        content = False
        while line := await reader.readline():
            word = line.strip().decode().upper()[:4] if not content else line.strip().decode("latin-1")
            if content and word != ".":
                continue
            reply = replies.get(word, b"250 fine\r\n")
            content = word == "DATA" and reply.startswith(b"354")
            writer.write(reply)
        open_now.discard(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Listening(server.sockets[0].getsockname()[1], open_now)
    finally:
        server.close()
        for writer in open_now:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in open_now), return_exceptions=True)
