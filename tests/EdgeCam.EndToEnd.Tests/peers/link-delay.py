"""Joins two network namespaces by a pair of TAP devices and holds each frame back for a while, in both directions.

link-delay.py NAMESPACE DEVICE NAMESPACE DEVICE DELAY_MS JITTER_MS

The order of frames is kept: jitter moves a frame, and what comes behind it waits. At most 4000 frames are on their way each way.
Prints "ready" when both devices are there; they go when it ends.
"""
import collections
import ctypes
import fcntl
import os
import random
import selectors
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
BOUND = 4000

libc = ctypes.CDLL(None, use_errno=True)


def open_tap(namespace, device):
    with open("/run/netns/" + namespace) as entrance:
        if libc.setns(entrance.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns " + namespace)
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return tap


class Direction:
    def __init__(self, source, target):
        self.source, self.target = source, target
        self.on_the_way = collections.deque()
        self.last = 0.0

    def take(self, delay, jitter):
        for _ in range(128):
            try:
                frame = os.read(self.source, 65536)
            except BlockingIOError:
                return
            except OSError:  # the device is down
                return
            if len(self.on_the_way) < BOUND:
                self.last = max(self.last, time.monotonic() + delay + random.uniform(-jitter, jitter))
                self.on_the_way.append((self.last, frame))

    def give(self):
        """Delivers what is due; says when the next is."""
        while self.on_the_way:
            due, frame = self.on_the_way[0]
            if due > time.monotonic():
                return due
            self.on_the_way.popleft()
            try:
                os.write(self.target, frame)
            except OSError:
                pass
        return None


def main():
    first, second = open_tap(sys.argv[1], sys.argv[2]), open_tap(sys.argv[3], sys.argv[4])
    delay, jitter = float(sys.argv[5]) / 1000, float(sys.argv[6]) / 1000
    directions = {first: Direction(first, second), second: Direction(second, first)}
    readable = selectors.DefaultSelector()
    for tap in directions:
        readable.register(tap, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        due = [moment for moment in (direction.give() for direction in directions.values()) if moment is not None]
        # epoll counts in milliseconds and rounds up: the last one is spent looking.
        wait = max(0.0, min(due) - time.monotonic() - 0.0005) if due else 1.0
        for key, _ in readable.select(wait):
            directions[key.fd].take(delay, jitter)


main()
