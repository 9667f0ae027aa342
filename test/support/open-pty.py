"""Runs a command in a new pseudo-terminal: open-pty.py COLUMNS ROWS COMMAND ARGUMENT...

Standard output is what the terminal would show, byte for byte. Standard input takes one JSON object a line:
{"write": "text"}, {"resize": [columns, rows]}, {"signal": 15}, {"hangup": true}. After the command has ended, the
last line of standard error is "exit N", N negative for a signal.
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    columns, rows, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    # The size is set before the command starts.
    wait, go = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.close(go)
        os.read(wait, 1)
        os.close(wait)
        os.execvp(command[0], command)
    os.close(wait)
    resize(terminal, columns, rows)
    os.close(go)
    pump(child, terminal)
    _, status = os.waitpid(child, 0)
    sys.stderr.write("exit %d\n" % os.waitstatus_to_exitcode(status))


def pump(child, terminal):
    pending = b""
    sources = [terminal, 0]
    while terminal in sources:
        ready, _, _ = select.select(sources, [], [])
        if terminal in ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                return
            os.write(1, data)
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                os.kill(child, signal.SIGKILL)
                sources.remove(0)
                continue
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                order = json.loads(line)
                if "write" in order:
                    os.write(terminal, order["write"].encode())
                elif "resize" in order:
                    resize(terminal, *order["resize"])
                elif "signal" in order:
                    os.kill(child, order["signal"])
                elif "hangup" in order:
                    os.close(terminal)
                    return


main()
