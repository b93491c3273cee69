const kept = 20;
/** The first exchanges are made while the page loads, and slow; with this many one was quick enough. */
const settledAfter = 3;

interface Sample {
  offset: number;
  roundTrip: number;
}

/**
 * What the page knows of the server's clock, learnt as NTP does: the server's time less the middle of the exchange.
 * Of the last samples the one with the shortest round trip is believed. Owned by the server link.
 */
export class ServerClock {
  #samples: Sample[] = [];

  /** True once the server has told its time. */
  get known(): boolean {
    return this.#samples.length > 0;
  }

  /** True once the offset is good to a few milliseconds. */
  get settled(): boolean {
    return this.#samples.length >= settledAfter;
  }

  /** The server's clock minus the page's, milliseconds; 0 until it is known. */
  get offset(): number {
    let best: Sample | undefined;
    for (const sample of this.#samples) if (!best || sample.roundTrip <= best.roundTrip) best = sample;
    return best?.offset ?? 0;
  }

  /** Learns from one exchange; all times are milliseconds since 1970, the first two by the page's clock. */
  learn(sentAt: number, answeredAt: number, serverTime: number): void {
    this.#samples.push({ offset: serverTime - (sentAt + answeredAt) / 2, roundTrip: answeredAt - sentAt });
    if (this.#samples.length > kept) this.#samples.shift();
  }

  /** Forgets everything: the machine may have slept. */
  forget(): void {
    this.#samples = [];
  }

  /** A time of the page's clock by the server's. */
  atServer(pageTime: number): number {
    return pageTime + this.offset;
  }
}
