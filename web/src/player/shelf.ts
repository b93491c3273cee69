import type { Looked, Moment } from '../server/looked';
import { heldFor, putIn, seenAt, type Seen } from './seen';

/** More than may wait in a decoder, so that only what was never shown falls out. */
const most = 1024;

/** Keeps what the processors made of frames until these are painted, which may be in another order. Owned by one player. */
export class ResultShelf {
  readonly #looked: Looked[] = [];

  put(item: Looked): void {
    putIn(this.#looked, item);
    if (this.#looked.length > most) this.#looked.shift();
  }

  /** What is to be shown with a frame that is being painted. What it comes after by far is forgotten. */
  at(frame: Moment): Seen[] {
    const seen = seenAt(this.#looked, frame);
    while ((this.#looked[0]?.capturedAt ?? Infinity) < frame.capturedAt - 2 * heldFor) this.#looked.shift();
    return seen;
  }

  clear(): void {
    this.#looked.length = 0;
  }
}
