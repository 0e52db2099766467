"""The example page of the docs, served as a shop would: with its edge's address, and tokens for its customer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.pages import token

PAGE = Path(__file__).parents[1] / "docs" / "examples" / "in_app" / "index.html"
EDGE, TOKEN = "https://care.shop.example", "/beforehand-token"


@asynccontextmanager
async def shop_page(edge: str, customer: str = "c-1", port: int = 0) -> AsyncIterator[str]:
    """The origin of a page that listens at `edge`; a token for `customer` is given to whoever asks.

    `/of/NAME` is the page of another customer.
    """

    async def page(request: web.Request) -> web.Response:
        html, whose = PAGE.read_text(), request.match_info.get("customer", customer)
        assert html.count(EDGE) == 1 and html.count(f'content="{TOKEN}"') == 1
        html = html.replace(EDGE, edge).replace(f'content="{TOKEN}"', f'content="{TOKEN}/{whose}"')
        return web.Response(text=html, content_type="text/html")

    async def its_token(request: web.Request) -> web.Response:
        return web.json_response({"token": token(request.match_info.get("customer", customer))})

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/of/{customer}", page)
    app.router.add_get(TOKEN, its_token)
    app.router.add_get(TOKEN + "/{customer}", its_token)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
