"""What the clients in Python share: a window, the clock, and the one line of JSON at the end."""
import json
import os
import sys
import threading
import time

WARM_UP = 0.3


class Measure:
    """Frames out, acks in. Frames are sent by one thread, acks counted by another; latencies of the warm-up do not count."""

    def __init__(self, size, window, seconds, fps):
        self.payload = os.urandom(size)
        self.window = threading.Semaphore(window)
        self.fps = fps
        self.start = time.monotonic()
        self.measure_from = self.start + WARM_UP
        self.until = self.measure_from + seconds
        self.sent = []
        self.acked = 0
        self.all = []
        self.slow = False
        self.latencies = []
        self.last = 0

    def frames(self):
        """Yields a payload whenever one may be sent."""
        while time.monotonic() < self.until:
            if self.fps:
                time.sleep(max(0, self.start + len(self.sent) / self.fps - time.monotonic()))
            self.window.acquire()
            self.sent.append(time.monotonic())
            yield self.payload

    def ack(self, number):
        """Takes one ack; number is what it says, None if the peer's acks have no number."""
        if number is not None and number != self.acked:
            sys.exit(f"ack {self.acked} is missing, {number} came")
        now = time.monotonic()
        sent = self.sent[self.acked]
        self.acked += 1
        self.all.append((now - sent) * 1e6)
        if self.acked == 1 and now - sent > WARM_UP:
            # One frame takes longer than the warm-up: the first one is it, and all after it count.
            self.slow, self.measure_from, self.until = True, now, self.until + now - self.measure_from
            print("measuring", flush=True)
        elif self.slow or sent >= self.measure_from:
            if not self.latencies and not self.slow:
                print("measuring", flush=True)
            self.latencies.append((now - sent) * 1e6)
        self.last = now
        self.window.release()

    def finish(self):
        """Prints the result and waits for the end of standard input."""
        if self.acked != len(self.sent) or not self.sent:
            sys.exit(f"{self.acked} of {len(self.sent)} frames were acknowledged")
        if not self.latencies:
            # So slow that the warm-up was all there was.
            if not self.slow:
                print("measuring", flush=True)
            self.latencies, self.measure_from = self.all, self.sent[0]
        times = sorted(self.latencies)
        at = lambda p: round(times[int(p * (len(times) - 1))], 1)
        print(json.dumps({"frames": len(times), "seconds": self.last - self.measure_from, "p50": at(.5), "p99": at(.99), "p999": at(.999)}), flush=True)
        sys.stdin.read()
