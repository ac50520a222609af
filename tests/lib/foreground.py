#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A careless caller of `run` and `exec` in the foreground with a terminal, for tests.

foreground.py CASE COMMAND...   run COMMAND as CASE says, print what came of it in one line

COMMAND prints "ready" on its terminal once it is to be treated so. Each ends by itself after 60 seconds, SILO_TIME_FACTOR
times, and has killed COMMAND then.
"""
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import termios
import time

children = []


def end(result):
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    print(result, flush=True)
    os._exit(0)


def give_up(*_):
    end("did not end")


def spawn(command, **streams):
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **streams)
    children.append(process.pid)
    return process


def status(process):
    code = process.wait()
    return "exit %d" % code if code >= 0 else "signal %d" % -code


def until(condition):
    while not condition():
        time.sleep(0.01)


def read_until(fd, text):
    seen = b""
    while text not in seen:
        data = os.read(fd, 4096)
        if not data:
            break
        seen += data
    return seen


def pipe_full(fd):
    return not select.select([], [fd], [], 0)[1]


def fill(fd):
    os.set_blocking(fd, False)
    try:
        while True:
            os.write(fd, b"." * 512)
    except BlockingIOError:
        pass
    os.set_blocking(fd, True)


# --- standard output is a pipe

def reader_gone(*command):
    """The reader goes once it has seen "ready"."""
    got, theirs = os.pipe()
    process = spawn(command, stdin=subprocess.PIPE, stdout=theirs)
    os.close(theirs)
    read_until(got, b"ready")
    os.close(got)
    return status(process)


def stalled(*command):
    """Nobody reads, and the pipe is full; SIGTERM reaches the process all the same."""
    got, theirs = os.pipe()
    process = spawn(command, stdin=subprocess.PIPE, stdout=theirs)
    read_until(got, b"ready")
    until(lambda: pipe_full(theirs))
    process.terminate()
    return status(process)


def late(act, *command):
    """The pipe is full before; the process, which writes its pid's file, ends; only then act(read end, silo)."""
    got, theirs = os.pipe()
    fill(theirs)
    pid_file = os.environ["PID_FILE"]
    process = spawn(command, stdin=subprocess.PIPE, stdout=theirs)
    os.close(theirs)

    def ended():
        try:
            with open(pid_file) as file:
                pid = int(file.read())
            with open("/proc/%d/stat" % pid) as file:
                return file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):  # the latter: reaped between open and read
            return os.path.exists(pid_file)

    until(ended)
    return act(got, process)


def late_reader(*command):
    """A reader that takes its time gets all."""
    def act(got, process):
        data = b""
        while True:
            more = os.read(got, 65536)
            if not more:
                break
            data += more
        return "%s: %s" % (status(process), data.lstrip(b".").decode().strip())
    return late(act, *command)


def late_signal(*command):
    """Nobody reads what the process said last, and we are told to end."""
    def act(_, process):
        process.terminate()
        return status(process)
    return late(act, *command)


def both_ways(*command):
    """Much, in both directions: what is typed comes back; our streams' flags stay."""
    ours, theirs = socket.socketpair() if os.environ.get("SOCKET") else (None, None)
    streams = {"stdin": theirs, "stdout": theirs} if ours else {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = spawn(command, **streams)
    if ours:
        theirs.close()
    out = ours.fileno() if ours else process.stdin.fileno()
    got = ours.fileno() if ours else process.stdout.fileno()
    seen = read_until(got, b"ready\n").split(b"ready\n", 1)[1]
    blocking = os.get_blocking(got)
    data = bytes(33 + i % 90 for i in range(400000))
    left = memoryview(data)
    os.set_blocking(out, False)
    while len(seen) < len(data):
        readable, writable, _ = select.select([got], [out] if left else [], [])
        if writable:
            left = left[os.write(out, left):]
        if readable:
            more = os.read(got, 65536)
            if not more:
                break
            seen += more
    same = "all came back" if seen == data else "%d of %d bytes came back" % (len(seen), len(data))
    return "%s: %s" % (status(process), same) if blocking else "the pipe does not block any more"


# --- on a terminal

class Terminal:
    """COMMAND as a job of its own on a new terminal, whose mode we look at from outside."""

    def __init__(self, command, controlling=True, background=False, stdout=None, ours=None):
        self.master, self.slave = os.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.report, theirs = os.pipe()
        self.keeper = os.fork()
        if self.keeper == 0:
            os.close(self.master)
            os.close(self.report)
            if ours is not None:
                os.close(ours)
            self.keep(command, controlling, background, theirs, stdout)
        children.append(self.keeper)
        os.close(theirs)
        self.pid = int(os.read(self.report, 16))
        children.append(self.pid)

    def keep(self, command, controlling, background, report, stdout):
        """The session's leader: it outlives the job, like a shell."""
        os.setsid()
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if controlling:
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        hold, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go)
            os.read(hold, 1)
            for number in (signal.SIGTTOU, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            for fd in range(3):
                os.dup2(stdout if fd == 1 and stdout is not None else self.slave, fd)
            if stdout is not None:
                os.close(stdout)
            os.close(self.slave)
            os.execvp(command[0], command)
        os.setpgid(pid, pid)
        if controlling and not background:
            os.tcsetpgrp(self.slave, pid)
        if stdout is not None:
            os.close(stdout)
        os.close(self.slave)
        os.write(report, b"%d" % pid)
        os.write(go, b"x")
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(report, ("exit %d" % code if code >= 0 else "signal %d" % -code).encode())
        os._exit(0)

    def ready(self):
        read_until(self.master, b"ready")

    def raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def restored(self):
        return termios.tcgetattr(self.slave) == self.before

    def state(self):
        with open("/proc/%d/stat" % self.pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0]

    def send(self, number):
        os.kill(self.pid, number)

    def status(self):
        # What is shown meanwhile is taken, as any terminal does.
        while True:
            for fd in select.select([self.report, self.master], [], [])[0]:
                data = os.read(fd, 4096)
                if fd == self.report:
                    return data.decode() or "no status"

    def result(self):
        return "%s, %s" % (self.status(), "restored" if self.restored() else "not restored")


def signalled(number, *command):
    """A signal once our terminal is raw."""
    terminal = Terminal(command)
    terminal.ready()
    until(terminal.raw)
    terminal.send(getattr(signal, number))
    return terminal.result()


def helped(script, *command):
    """The shell command once our terminal is raw."""
    terminal = Terminal(command)
    terminal.ready()
    until(terminal.raw)
    subprocess.run(["sh", "-c", script], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return terminal.result()


def job(*command):
    """Stopped, as a shell's job is, and brought back; SIGTERM ends it."""
    terminal = Terminal(command)
    terminal.ready()
    until(terminal.raw)
    terminal.send(signal.SIGTSTP)
    until(lambda: terminal.state() == "T")
    if not terminal.restored():
        return "not restored while stopped"
    terminal.send(signal.SIGCONT)
    until(terminal.raw)
    # Stopped without a word; whoever has the terminal meanwhile has it as it likes.
    terminal.send(signal.SIGSTOP)
    until(lambda: terminal.state() == "T")
    termios.tcsetattr(terminal.slave, termios.TCSANOW, terminal.before)
    terminal.send(signal.SIGCONT)
    until(terminal.raw)
    terminal.send(signal.SIGTERM)
    return terminal.result()


def background(*command):
    """As a background job: the terminal stays as it is, what the process says is seen."""
    terminal = Terminal(command, background=True)
    terminal.ready()
    if terminal.raw():
        return "another job's terminal was made raw"
    terminal.send(signal.SIGTERM)
    return terminal.result()


def output_gone(*command):
    """Our terminal lives, but standard output is a pipe whose reader goes."""
    got, theirs = os.pipe()
    terminal = Terminal(command, stdout=theirs, ours=got)
    os.close(theirs)
    read_until(got, b"ready")
    until(terminal.raw)
    os.close(got)
    return terminal.result()


def hung_up(kind, *command):
    """Our terminal is closed. Without it as its controlling one, nobody sends it SIGHUP."""
    terminal = Terminal(command, controlling=kind == "controlling")
    terminal.ready()
    os.close(terminal.slave)
    os.close(terminal.master)
    return os.read(terminal.report, 64).decode()


for number in (signal.SIGALRM, signal.SIGTERM):
    signal.signal(number, give_up)
signal.alarm(60 * int(os.environ.get("SILO_TIME_FACTOR", 1)))
end(globals()[sys.argv[1]](*sys.argv[2:]))
