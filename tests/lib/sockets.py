#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The other end of a runtime's sockets, for tests.

sockets.py console SOCKET [COMMAND]   receive a terminal's master (SOCKET.received is made then); send COMMAND and a newline; print what comes
sockets.py pidfd SOCKET               receive a pidfd; print the pid it is of
sockets.py full SOCKET                listen, let nobody in, until killed; SOCKET.ready is made once the queue is full
sockets.py hasty SOCKET               take a connection and close it at once, until killed
sockets.py deaf SOCKET                a socket that does not listen, until killed
sockets.py notify SOCKET COUNT        receive COUNT datagrams and print them
sockets.py run COMMAND...             run COMMAND on a terminal of 30 rows and 90 columns; print what it shows

Each ends by itself after 20 seconds, SILO_TIME_FACTOR times.
"""
import array
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import termios


def listen(path, kind=socket.SOCK_STREAM, backlog=1):
    server = socket.socket(socket.AF_UNIX, kind)
    server.bind(path)
    if kind == socket.SOCK_STREAM:
        server.listen(backlog)
    return server


def receive_fd(path):
    connection, _ = listen(path).accept()
    _, control, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(64))
    fds = array.array("i")
    fds.frombytes(control[0][2][:4])
    open(path + ".received", "w").close()
    return fds[0]


def copy(fd):
    while True:
        try:
            data = os.read(fd, 4096)
        except OSError:  # EIO: the last holder of the slave has closed it
            return
        if not data:
            return
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def console(path, command=None):
    master = receive_fd(path)
    if command:
        os.write(master, command.encode() + b"\n")
    copy(master)


def pidfd(path):
    with open("/proc/self/fdinfo/%d" % receive_fd(path)) as info:
        print([line.split()[1] for line in info if line.startswith("Pid:")][0])


def full(path):
    server = listen(path, backlog=0)  # kept: a socket that nobody refers to is closed
    waiting = []
    while True:
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        try:
            client.connect(path)
        except BlockingIOError:
            break
        waiting.append(client)
    open(path + ".ready", "w").close()
    signal.pause()
    server.close()


def hasty(path):
    server = listen(path)
    while True:
        server.accept()[0].close()


def deaf(path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    signal.pause()
    server.close()


def notify(path, count):
    server = listen(path, socket.SOCK_DGRAM)
    for _ in range(int(count)):
        print(server.recv(4096).decode().strip().replace("\n", " "), flush=True)


def login(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)


def run(*command):
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 90, 0, 0))
    pid = os.fork()
    if pid == 0:
        os.close(master)
        login(slave)
        os.execvp(command[0], command)
    os.close(slave)
    script = [line for line in os.environ.get("TYPE", "").split("|") if line]
    while True:
        ready, _, _ = select.select([master], [], [], 0.5)
        if ready:
            try:
                data = os.read(master, 4096)
            except OSError:
                break
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif script:
            word = script.pop(0)
            if word.startswith("size "):
                rows, columns = map(int, word.split()[1:])
                fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            else:
                os.write(master, word.encode().decode("unicode_escape").encode())
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)


signal.alarm(20 * int(os.environ.get("SILO_TIME_FACTOR", 1)))
globals()[sys.argv[1]](*sys.argv[2:])
