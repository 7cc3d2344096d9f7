"""How the report sets numbers: enough digits to be true, few enough to be read."""

import math

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
SUPERSCRIPT = str.maketrans("0123456789-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b")


def percent(share: float) -> str:
    """Set a share as a percentage that reads 0 % or 100 % only where it is exactly that."""
    if not math.isfinite(share):
        return DASH
    figure = 100 * share
    if 0 < figure < 0.01:
        return f"{quantity(figure, 2)}{NO_BREAK}%"
    text = f"{figure:.2g}" if figure < 1 else f"{figure:.1f}"
    if text == "100.0" and share < 1:
        return f">{NO_BREAK}99.9{NO_BREAK}%"
    if "." in text and math.isclose(figure, float(text)):
        text = text.rstrip("0").rstrip(".")
    return f"{text}{NO_BREAK}%"


def count(number: int, noun: str = "") -> str:
    """Set a whole number with thousands separated, and its noun, if one is given, in the right form."""
    if not noun:
        return f"{number:,}"
    return f"{number:,}{NO_BREAK}{noun}{'' if number == 1 else 's'}"


def quantity(value: float, digits: int = 3) -> str:
    """Set a number without a natural resolution, such as a score, to ``digits`` significant digits."""
    if not math.isfinite(value):
        return DASH
    rounded = float(f"{value:.{digits}g}")
    if rounded != 0 and not 1e-4 <= abs(rounded) < 1e7:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        power = str(int(exponent)).translate(SUPERSCRIPT)
        return f"{mantissa}\N{MULTIPLICATION SIGN}10{power}".replace("-", MINUS)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    return f"{value:,.{decimals}f}".replace("-", MINUS)


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
