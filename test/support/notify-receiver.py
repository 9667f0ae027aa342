# What systemd is for a unit of Type=notify: a datagram socket at argv[1]. Prints each datagram as a line, lines of it joined by "|".
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("listening", flush=True)
while True:
    # Descriptors, with which systemd-notify waits to be heard, are dropped by recv.
    print(receiver.recv(65536).decode().strip().replace("\n", "|"), flush=True)
