"""The server: which paths belong to the Xero side, and which to the sandbox itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from .admin import Admin
from .gateway import Gateway
from .identity.consent import Consent
from .pages import Pages
from .world import World

# Above Xero's limits, so that the gateway itself refuses what is too large for Xero, and logs it.
LARGEST_BODY = 32 * 1024 * 1024


def create_app(world: World) -> web.Application:
	"""The application over `world`. Late writes fire while it runs."""
	gateway = Gateway(world)
	app = web.Application(client_max_size=LARGEST_BODY)

	async def late_writes(app: web.Application) -> AsyncIterator[None]:
		task = asyncio.create_task(world.late_writes.run(gateway.apply))
		yield
		task.cancel()
		with suppress(asyncio.CancelledError):
			await task

	app.cleanup_ctx.append(late_writes)
	app.add_routes(Admin(world, gateway).routes())
	app.add_routes(Consent(world).routes())
	app.add_routes(Pages(world).routes())
	app.router.add_route("*", "/{path:.*}", gateway.serve)
	return app
