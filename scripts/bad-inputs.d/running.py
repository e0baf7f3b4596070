"""Runs one program on one input, and reports what is wrong with the result."""

import os
import re
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

MEMORY_LIMIT = 1100 * 2**20  # bytes: what predicting with a ResNet-18 takes, and 512 MiB
TIME_LIMIT = 30  # seconds; training cases, which do real steps, have their own


class Case:
    def __init__(
        self,
        row,
        title,
        arguments,
        status,
        says="",
        *,
        limit=TIME_LIMIT,
        memory=MEMORY_LIMIT,
        says_not=None,
        **process,
    ):
        self.row, self.title, self.arguments, self.limit, self.memory = row, title, arguments, limit, memory
        self.status = status if isinstance(status, tuple) else (status,)
        self.says, self.says_not, self.process = says, says_not, process


NEVER = r"Fatal error|Crash|Segmentation|NSCocoa|Error Domain|internal error|\(null\)|Optional\("


def peak_memory(process):
    """The most memory a process has had so far, in bytes; 0 once it is gone. (wait4's figure includes the parent's.)"""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0
    return int(found.group(1)) * 1024 if found else 0


def as_from_a_terminal(before):
    """Signals as a shell at a terminal leaves them, whatever this script inherited; then the case's own preparation."""

    def prepare():
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(name, signal.SIG_DFL)
        if before:
            before()

    return prepare


def run(program, case, folder):
    """What is wrong with the program's result for `case`, or None; and the seconds and bytes it took."""
    environment = dict(
        os.environ,
        CRESSET_OFFLINE="1",
        SWIFT_BACKTRACE="enable=no",
        HOME=str(folder),
        TORCH_HOME=str(folder / "torch"),
    )
    for name in list(environment):
        if name in ("XDG_CACHE_HOME", "CRESSET_WEIGHTS_MIRROR") or name.startswith(("PIP_", "HF_", "HUGGINGFACE_")):
            del environment[name]
    environment.update(case.process.get("environment", {}))
    environment = {name: value for name, value in environment.items() if value is not None}
    out_path, log_path = folder / ".stdout", folder / ".stderr"
    sends, before = case.process.get("sends"), case.process.get("before")
    start = time.monotonic()
    with open(case.process.get("stdout", out_path), "wb") as out, open(log_path, "wb") as log:
        child = subprocess.Popen(
            [os.fsencode(program)] + [os.fsencode(argument) for argument in case.arguments],
            stdin=subprocess.DEVNULL if "input" not in case.process else subprocess.PIPE,
            stdout=out,
            stderr=log,
            cwd=folder,
            env=environment,
            preexec_fn=as_from_a_terminal(before),
        )
        if "input" in case.process:
            try:
                child.stdin.write(case.process["input"])
                child.stdin.close()
            except BrokenPipeError:
                pass
        deadline = start + case.limit
        pending = list(sends or [])
        status, memory = None, 0
        while status is None:
            memory = max(memory, peak_memory(child.pid))
            found, code = os.waitpid(child.pid, os.WNOHANG)
            if found:
                status = code
                break
            now = time.monotonic()
            if pending and now - start > pending[0][1]:
                os.kill(child.pid, pending.pop(0)[0])
            if now > deadline:
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                return f"no end after {case.limit} s", now - start, memory
            time.sleep(0.005)
        child.returncode = 0
    seconds = time.monotonic() - start
    printed = log_path.read_bytes().decode(errors="replace")
    if "stdout" not in case.process:
        printed += out_path.read_bytes().decode(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    tail = " | ".join(printed.strip().splitlines()[-3:])[-300:]
    if code not in case.status:
        return f"status {code}, expected {' or '.join(map(str, case.status))}: {tail}", seconds, memory
    if not re.search(case.says, printed, re.IGNORECASE | re.DOTALL):
        return f"says nothing of /{case.says}/: {tail}", seconds, memory
    wrong = re.search(NEVER, printed)
    if wrong or case.says_not and re.search(case.says_not, printed):
        return f"says {(wrong or re.search(case.says_not, printed)).group()!r}: {tail}", seconds, memory
    if memory > case.memory:
        return f"takes {memory >> 20} MiB", seconds, memory
    return None, seconds, memory


def copy_of_run(corpus, name):
    """The run again; its large files, which no command changes in place, are there only once."""
    shutil.copytree(
        corpus.folder / "run",
        corpus.folder / name,
        copy_function=lambda old, new: (os.link if old.endswith(".safetensors") else shutil.copy)(old, new),
    )


def limit_to(name, amount):

    resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (amount, amount))
