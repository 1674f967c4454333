"""own_log.py FILE LIMIT COMMAND...: runs COMMAND with a system log of its own, which goes to FILE
line by line. With LIMIT above 0 the command is killed (SIGKILL) as soon as that many lines have come.
Status of the command; 137 where it was killed. For a mount namespace of its own.
"""
import os
import select
import socket
import subprocess
import sys

PATIENCE = 120


DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def run(*command):
    subprocess.run(command, check=True)


def own_dev(path):
    """A /dev of this mount namespace's own: nobody else's messages come to its log."""
    os.makedirs(path, exist_ok=True)
    run("mount", "-t", "tmpfs", "none", path)
    for device in DEVICES:
        with open(f"{path}/{device}", "w", encoding="ascii"):
            pass
        run("mount", "--bind", f"/dev/{device}", f"{path}/{device}")
    os.symlink("/proc/self/fd", f"{path}/fd")
    run("mount", "--rbind", path, "/dev")


def listen():
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind("/dev/log")
    return listener


def collect(listener, process, limit, out):
    lines = 0
    while True:
        done = process.poll() is not None
        ready, _, _ = select.select([listener], [], [], 0 if done else 0.05)
        if ready:
            out.write(listener.recv(65536).decode() + "\n")
            lines += 1
            if lines == limit:
                process.kill()
        elif done:
            return


def main():
    path, limit, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    own_dev(path + ".dev")
    listener = listen()
    process = subprocess.Popen(command)
    with open(path, "w", encoding="utf-8") as out:
        collect(listener, process, limit, out)
    status = process.wait(PATIENCE)
    sys.exit(137 if status == -9 else status)


main()
