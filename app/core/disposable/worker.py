"""What runs in the process for one file: limits first, then our function, then its answer.

Run by its path, with nothing of the app imported: `worker.py APP MODULE:FUNCTION LIMITS…`.
"""

import importlib
import json
import os
import resource
import signal
import sys
import types
from contextlib import suppress
from pathlib import Path


def main(app: str, function: str, *limits: str) -> None:
    memory, cpu_seconds, seconds, answer = map(int, limits)
    limit(memory, cpu_seconds, seconds, answer)
    said = json.dumps(answered(app, function), ensure_ascii=False).encode()
    if len(said) > answer:
        said = json.dumps({"failed": "too long an answer"}).encode()
    with open(1, "wb", closefd=False) as out:
        out.write(said)
    os._exit(0)  # giving millions of cells back one by one takes time that nobody has


def limit(memory: int, cpu_seconds: int, seconds: int, answer: int) -> None:
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, answer),
    ]
    if sys.platform == "linux":  # macOS knows the name of the limit and does not keep it
        limits.append((resource.RLIMIT_AS, memory))
    for what, most in limits:
        highest = resource.getrlimit(what)[1]
        lower = most if highest == resource.RLIM_INFINITY else min(most, highest)
        resource.setrlimit(what, (lower, lower))
    signal.alarm(seconds)  # ends it too if whoever asked is gone
    os.nice(5)  # pages come first
    with suppress(OSError):  # and should the machine's memory run out, this goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def answered(app: str, function: str) -> dict[str, object]:
    # A package without its __init__, which imports every feature.
    package = types.ModuleType("app")
    package.__path__ = [app]
    sys.modules["app"] = package
    module, _, name = function.partition(":")
    refusal = importlib.import_module("app.core.errors").DomainError
    try:
        called = getattr(importlib.import_module(module), name)
        return {"made": called(sys.stdin.buffer.read())}
    except refusal as refused:
        return {"refused": str(refused)}
    # Rust's panics are no Exceptions. What an error says may be what the file says: not logged.
    except BaseException as error:
        return {"failed": f"{type(error).__name__}{place(error)}"}


def place(error: BaseException) -> str:
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return f" in {Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
