"""The HTTP edge that pages listen at: Server-Sent Events (HTML standard, section 9.2), and two small POSTs.

`POST /in-app/sessions` with the shop's token begins a session; `GET /in-app/sessions/{session}` streams it, because an
EventSource can send no header and a token in a URL would be a customer's name in every log; `POST /in-app/receipts`
with the token says what was shown.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import msgspec
from aiohttp import web

from notifiers.kept_file import FileWrongError
from notifiers.sessions.offers import Full, Offers, Session
from notifiers.sessions.tokens import Listener, TokenRefusedError, listener_of

SESSIONS, RECEIPTS = "/in-app/sessions", "/in-app/receipts"
_WRITE_S = 10.0
"""A page that does not read for so long is taken for gone."""
_MOST_BYTES = 4096
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "beforehand",
    "X-Content-Type-Options": "nosniff",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Shown(msgspec.Struct):
    id: str


class Edge:
    """Serves the pages of `origins`. `keys` may raise `FileWrongError`: then nobody is let in (503)."""

    def __init__(
        self,
        offers: Offers,
        keys: Callable[[], list[bytes]],
        origins: frozenset[str],
        now: Callable[[], datetime],
        heartbeat_s: float,
    ) -> None:
        self._offers, self._keys, self._origins, self._now = offers, keys, origins, now
        self._heartbeat_s = heartbeat_s

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(middlewares=[self._guarded], client_max_size=_MOST_BYTES)
        app.router.add_post(SESSIONS, self._begin)
        app.router.add_get(SESSIONS + "/{session:[0-9a-f]{32}}", self._stream, allow_head=False)
        app.router.add_post(RECEIPTS, self._receive)
        for path in (SESSIONS, RECEIPTS):
            app.router.add_route("OPTIONS", path, self._preflight)
        app.on_response_prepare.append(self._prepare)
        return app

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only pages of the list get in. A request without an origin is no other page's: browsers always name that."""
        origin = request.headers.get("Origin")
        if origin is not None and origin not in self._origins:
            return web.Response(status=403)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return web.Response(status=error.status)
        except TokenRefusedError as error:
            return web.Response(status=401, text=str(error))
        except (FileWrongError, Full):
            return web.Response(status=503, headers={"Retry-After": "5"})

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = str(origin)

    async def _preflight(self, _: web.Request) -> web.Response:
        allowed = {"Methods": "POST", "Headers": "authorization, content-type"}
        return web.Response(
            status=204,
            headers={f"Access-Control-Allow-{name}": value for name, value in allowed.items()}
            | {"Access-Control-Max-Age": "600"},
        )

    async def _begin(self, request: web.Request) -> web.Response:
        listener = self._listener(request)
        session_id = self._offers.begin(listener.customer_id, listener.until, self._now())
        return web.json_response({"session": session_id}, status=201)

    async def _receive(self, request: web.Request) -> web.Response:
        listener = self._listener(request)
        try:
            told = msgspec.json.decode(await request.read(), type=_Shown)
        except msgspec.DecodeError:
            return web.Response(status=400)
        return web.Response(status=204 if self._offers.shown(listener.customer_id, told.id) else 404)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        last = request.headers.get("Last-Event-ID", "")
        session = self._offers.listen(request.match_info["session"], last)
        if session is None:
            return web.Response(status=404)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        try:
            await response.prepare(request)
            await self._write_all(session, response)
        except (ConnectionError, TimeoutError):
            pass  # the page is gone, or as good as
        finally:
            self._offers.leave(session)
        return response

    async def _write_all(self, session: Session, response: web.StreamResponse) -> None:
        await _write(response, b"retry: 1000\n\n")
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    offer = await session.waiting.get()
            except TimeoutError:
                await _write(response, b":\n\n")  # keeps proxies from closing it, and finds out who is gone
                continue
            if offer is None:
                return
            if offer.over or offer.given_to is not session:
                continue
            offer.written = True
            await _write(response, offer.event)

    def _listener(self, request: web.Request) -> Listener:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise TokenRefusedError("forged")
        return listener_of(token.strip(), self._keys(), self._now())


async def _write(response: web.StreamResponse, some: bytes) -> None:
    async with asyncio.timeout(_WRITE_S):
        await response.write(some)
