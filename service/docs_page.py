"""The page to try the API out on. It loads nothing from elsewhere, and its browser is told that it never will."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import APIRouter, Response
from fastapi.openapi.docs import get_swagger_ui_html

from service.access.headers import DOCS

ASSETS = f"{DOCS}/assets"
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# The page's own scripts and pictures, the one script in it, by its digest, and styles, which it sets as it goes.
_POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-{}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def docs_routes(title: str, openapi_url: str) -> APIRouter:
    """Build ``/docs``; what it shows is at ``openapi_url``, its parts are below ``ASSETS``."""
    page = bytes(
        get_swagger_ui_html(
            title=title,
            openapi_url=openapi_url,
            swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{ASSETS}/favicon.png",
        ).body
    )
    (script,) = _SCRIPT.findall(page)
    headers = {"Content-Security-Policy": _POLICY.format(b64encode(sha256(script).digest()).decode())}
    router = APIRouter()

    @router.get(DOCS, include_in_schema=False)
    async def docs_page() -> Response:
        return Response(page, headers=headers, media_type="text/html")

    return router
