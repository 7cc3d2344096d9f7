"""How the report sets numbers: enough digits to be true, few enough to be read."""

import math

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def percent(share: float) -> str:
    """Set a share as a percentage that reads 0 % or 100 % only where it is exactly that."""
    if not math.isfinite(share):
        return DASH
    figure = 100 * share
    text = f"{figure:.3g}" if 0 < figure < 1 else f"{figure:.1f}"
    if float(text) >= 100 > figure:
        text = f"{100 - float(f'{100 - figure:.1g}'):.12g}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}{NO_BREAK}%"


def count(number: int, noun: str = "", plural: str = "") -> str:
    """Set a whole number with thousands separated, and its noun in the right form."""
    if not noun:
        return f"{number:,}"
    return f"{number:,}{NO_BREAK}{noun if number == 1 else plural or noun + 's'}"


def quantity(value: float, digits: int = 3) -> str:
    """Set a number without a natural resolution, such as a score, to ``digits`` significant digits."""
    if not math.isfinite(value):
        return DASH
    rounded = float(f"{value:.{digits}g}")
    if rounded != 0 and not 1e-4 <= abs(rounded) < 1e7:
        return f"{value:.{digits - 1}e}".replace("-", MINUS)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    return f"{rounded:,.{decimals}f}".replace("-", MINUS)


def measured(value: float, spread: float) -> str:
    """Set a value in engineering units to a hundredth of the feature's ``spread``: finer digits carry no news."""
    if not (math.isfinite(value) and spread > 0) or abs(value) >= 1e9 or not 1e-6 <= spread < 1e9:
        return quantity(value, 4)
    decimals = max(0, 2 - math.floor(math.log10(spread)))
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS) if float(text.replace(",", "")) else text.lstrip("-")


def signed(value: float, digits: int = 2) -> str:
    """Set a deviation with its sign; zero has none."""
    text = quantity(value, digits)
    return f"+{text}" if value > 0 and text != "0" else text


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.3g}{NO_BREAK}s"
    return f"{seconds / 60:.0f}{NO_BREAK}min" if seconds < 5400 else f"{seconds / 3600:.1f}{NO_BREAK}h"


def elided(name: str, longest: int = 48) -> str:
    """Shorten a name in the middle: its ends tell channels apart."""
    if len(name) <= longest:
        return name
    tail = longest // 3
    return f"{name[: longest - tail - 1]}\N{HORIZONTAL ELLIPSIS}{name[-tail:]}"
