"""When to try again, and how long to wait before."""

from collections.abc import Callable
from typing import Any, TypedDict

from tenacity import RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay, wait_random_exponential
from tenacity.retry import retry_base
from tenacity.stop import stop_base

from plumbline_client.calls import Call
from plumbline_client.errors import NoAnswerError, PlumblineError, RateLimitedError, UnavailableError

FIRST_SECONDS, LONGEST_SECONDS = 0.5, 10.0
_backoff = wait_random_exponential(multiplier=FIRST_SECONDS, max=LONGEST_SECONDS)


class Policy(TypedDict):
    """What tenacity's loops, the one that blocks and the one that does not, are told."""

    retry: retry_base
    wait: Callable[[RetryCallState], float]
    stop: stop_base
    reraise: bool


def policy(call: Call[Any], retries: int, seconds: float) -> Policy:
    """Try ``call`` again up to ``retries`` times, and never so late that its ``seconds`` would be over."""
    return Policy(
        retry=retry_if_exception(lambda error: _is_worth_another_try(error, call)),
        wait=_wait,
        stop=stop_after_attempt(1 + retries) | stop_before_delay(seconds),
        reraise=True,
    )


def _is_worth_another_try(error: BaseException, call: Call[Any]) -> bool:
    if isinstance(error, NoAnswerError):
        return call.is_repeatable or not error.was_sent
    return isinstance(error, RateLimitedError | UnavailableError)  # refused, hence not done


def _wait(state: RetryCallState) -> float:
    """Wait as long as was asked for, and a random while more, so that clients who were refused together part."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after if isinstance(error, PlumblineError) else None
    return (asked or 0.0) + _backoff(state)
