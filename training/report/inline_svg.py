"""From a matplotlib figure to SVG that can stand inside a page: themed by the page, deterministic, ids apart."""

import html
import io
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

# The light palette. Vector parts name these as CSS variables, so a dark page recolours them.
# Blue and vermilion stay apart for every common kind of colour blindness (Okabe and Ito, 2008).
PALETTE = {"ink": "#1b2228", "muted": "#5b6670", "line": "#d5dadf", "normal": "#1f6db0", "anomaly": "#c54e16"}

# Raster points take tones that stand on white and on near-black.
POINTS = {"normal": "#3f8bcb", "anomaly": "#e0682b"}

WIDTH = 7.4  # inches; 72 units each in the drawing
RASTER_DPI = 200

STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",  # text stays text: small, selectable, in the page's font
    "text.parse_math": False,
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titlecolor": PALETTE["ink"],
    "axes.labelsize": 8.5,
    "axes.labelcolor": PALETTE["muted"],
    "axes.edgecolor": PALETTE["muted"],
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.xmargin": 0.02,
    "figure.facecolor": "none",
    "text.color": PALETTE["ink"],
    "xtick.color": PALETTE["muted"],
    "ytick.color": PALETTE["muted"],
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "legend.frameon": False,
    "legend.labelcolor": PALETTE["ink"],
    "lines.linewidth": 1.3,
}


def inline_svg(name: str, alt: str, height: float, draw: Callable[[Figure], None]) -> str:
    """Let ``draw`` fill a figure of ``height`` inches and return it as ``<svg>`` with the text alternative ``alt``.

    ``name`` must be unique within the page: it keeps the ids of two drawings apart.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the browser's fonts draw the text
        mpl.rcdefaults()
        mpl.rcParams.update({**STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        file = io.StringIO()
        figure.savefig(
            file, format="svg", dpi=RASTER_DPI, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return _embeddable(file.getvalue(), name, alt)


def _embeddable(document: str, name: str, alt: str) -> str:
    body = document[document.index("<svg") :]
    view_box = re.search(r'viewBox="[^"]*"', body)
    if view_box is None:
        raise ValueError("the drawing has no viewBox")
    opening = f'<svg {view_box[0]} role="img" aria-label="{html.escape(alt)}" class="plot">'
    body = opening + body[body.index(">") + 1 :]
    body = re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)  # it would style the whole page
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', body))
    body = re.sub(r' id="([^"]*)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font(-family)?: [^;\"]*'DejaVu Sans'[^;\"]*;?", _without_family, body)
    for role, colour in PALETTE.items():
        body = body.replace(colour, f"var(--{role})")
    return body.strip()


def _without_family(found: re.Match[str]) -> str:
    size = re.search(r"[\d.]+px", found[0])
    return f"font-size: {size[0]};" if size else ""
