"""Python's engine in another process, which can be ended."""

import atexit
import os
import subprocess
import sys
import threading

TIME_LIMIT = 1.0
"""Seconds that Python's engine may take for one cell where nothing bounds its work beforehand."""

_PROGRAM = """
import ast, re, sys
print("ready", flush=True)
for line in sys.stdin:
    pattern, cell = ast.literal_eval(line)
    print(int(re.compile(pattern).match(cell) is not None), flush=True)
"""


class _Process:
    """A Python that is started when first asked, kept, and ended when it takes too long; one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def ask(self, pattern: str, cell: str) -> bool | None:
        """Whether the whole pattern matches at the start of the cell; null where there is no answer in time."""
        with self._lock:
            process = self._started()
            timer = threading.Timer(TIME_LIMIT, process.kill)
            timer.start()
            try:
                answer = _exchanged(process, pattern, cell)
            finally:
                timer.cancel()
            if answer is None:
                self._end()
            return answer

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        if self._owner == os.getpid():
            self._end()
        # -I: neither the environment nor the working directory has a say in what runs.
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and program
            [sys.executable, "-I", "-S", "-W", "ignore", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
        )
        self._owner = os.getpid()
        _line(self._process)
        return self._process

    def close(self) -> None:
        """End the process, if this one started it."""
        if self._owner == os.getpid():
            self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be written to it
                    continue
        self._process = None


def _exchanged(process: subprocess.Popen[str], pattern: str, cell: str) -> bool | None:
    try:
        if process.stdin is not None:
            # Not JSON, which makes one character of two lone surrogates.
            process.stdin.write(f"{(pattern, cell)!a}\n")
            process.stdin.flush()
        return {"0": False, "1": True}.get(_line(process))
    except OSError:
        return None


def _line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip() if process.stdout is not None else ""


_PROCESS = _Process()
atexit.register(_PROCESS.close)


def answer_in_time(pattern: str, cell: str) -> bool | None:
    """Whether the whole pattern matches at the start of the cell; null where there is no answer in `TIME_LIMIT`."""
    return _PROCESS.ask(pattern, cell)
