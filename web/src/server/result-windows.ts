import type { Looked } from './looked';

/** How much is read at once, and begins to be read when so much is left, milliseconds of the recording. */
export const windowLength = 10_000;
/** A window begins so much before what is asked for. */
const before = 1000;
/** Windows that are kept. */
const most = 4;
/** What was recorded less long before the newest frame may still be added to, milliseconds. */
const unsettled = 2000;
/** A window that may have grown is not read again earlier, milliseconds. */
const again = 1000;

/** A stretch of a recording of which is known what the processors made of it; times as those of frames. */
export interface ResultWindow {
  from: number;
  /** Exclusive. */
  until: number;
  /** When the newest recorded frame was captured, as far as was known when the window was asked for. */
  edge: number;
  /** When it was asked for, by the page's clock. */
  askedAt: number;
  /** By time. */
  looked: Looked[];
}

/** The stretches around the place of playback that are known, and which to read next. Owned by the feed. */
export class ResultWindows {
  #windows: ResultWindow[] = [];

  /** What is known at a time and shortly before; the window becomes the last to be forgotten. */
  at(time: number): readonly Looked[] {
    const window = this.#covering(time);
    if (!window) return [];
    this.#windows = [...this.#windows.filter((other) => other !== window), window];
    return window.looked;
  }

  /** Where to begin to read when playback is at a time; undefined if nothing is needed. */
  wanted(time: number, edge: number, now: number): number | undefined {
    const window = this.#covering(time);
    if (!window)
      return this.#windows.findLast(({ until }) => until <= time && until > time - before)?.until ?? time - before;
    if (window.until > window.edge - unsettled)
      return edge > window.edge && now - window.askedAt > again ? window.from : undefined;
    return time > window.until - windowLength && !this.#covering(window.until) ? window.until : undefined;
  }

  /** Takes in what was read, in place of what was known of the stretch. */
  put(window: ResultWindow): void {
    this.#windows = [...this.#windows.filter(({ from }) => from !== window.from), window].slice(-most);
  }

  #covering(time: number): ResultWindow | undefined {
    return this.#windows.findLast(({ from, until }) => from <= time && time < until);
  }
}
