"""Time and peak memory of a command, in a process of its own."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """One thing measured.

    Wall-clock seconds, processor seconds, and peak resident memory in MiB (of the largest process); `output` is what
    the command printed.
    """

    name: str
    seconds: float
    processor_seconds: float
    peak_mib: float
    note: str = ""
    output: str = ""


def measure_command(
    name: str, command: Sequence[str], note: str = "", env: Mapping[str, str] | None = None
) -> Measurement:
    """Run a command and measure it.

    Raises:
        RuntimeError: The command failed; its output is in the message.
    """
    # Compiled modules are kept, as for any user; some environments switch that off.
    environment = {k: v for k, v in {**os.environ, **(env or {})}.items() if k != "PYTHONDONTWRITEBYTECODE"}
    probe = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
        "sys.stderr.write(done.stdout[-2000:] + done.stderr[-2000:])\n"
        "sys.exit(done.returncode)\n"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", probe, *command], capture_output=True, text=True, env=environment, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise RuntimeError(f"{name}: exit code {done.returncode}\n{done.stderr}")
    processor, peak_kib = done.stdout.split()
    return Measurement(name, seconds, float(processor), float(peak_kib) / 1024, note, done.stderr)


def machine() -> str:
    """The machine in a line: cores that may be used, memory, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, Python {sys.version.split()[0]}"


def own_peak_mib() -> float:
    """Peak resident memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
