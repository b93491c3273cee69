import type { Stages } from './age';

/** What was measured between two readings. Means are undefined if nothing was drawn. */
export interface Reading {
  framesPerSecond: number;
  bitsPerSecond: number;
  stages: Stages | undefined;
}

/** Adds up what one player receives and draws until somebody reads it. */
export class Meter {
  #since: number;
  #frames = 0;
  #bytes = 0;
  #drawn = 0;
  #sum = noStages();

  /** Times are milliseconds of any one clock. */
  constructor(now: number) {
    this.#since = now;
  }

  arrived(bytes: number): void {
    this.#frames++;
    this.#bytes += bytes;
  }

  drew(stages: Stages): void {
    this.#drawn++;
    this.#sum.captureToServer += stages.captureToServer;
    this.#sum.serverToPage += stages.serverToPage;
    this.#sum.pageToScreen += stages.pageToScreen;
    this.#sum.total += stages.total;
  }

  /** What was measured since the last reading. */
  read(now: number): Reading {
    const seconds = Math.max(now - this.#since, 1) / 1000;
    const drawn = this.#drawn;
    const mean = (sum: number) => sum / drawn;
    const reading = {
      framesPerSecond: this.#frames / seconds,
      bitsPerSecond: (this.#bytes * 8) / seconds,
      stages: drawn
        ? {
            captureToServer: mean(this.#sum.captureToServer),
            serverToPage: mean(this.#sum.serverToPage),
            pageToScreen: mean(this.#sum.pageToScreen),
            total: mean(this.#sum.total),
          }
        : undefined,
    };
    this.#since = now;
    this.#frames = this.#bytes = this.#drawn = 0;
    this.#sum = noStages();
    return reading;
  }
}

const noStages = (): Stages => ({ captureToServer: 0, serverToPage: 0, pageToScreen: 0, total: 0 });
