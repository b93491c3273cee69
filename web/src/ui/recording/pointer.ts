import { timeAt, type Stretch } from './stretch';

/** Farther than this a press is a drag, pixels. */
const still = 4;

/** What a pointer does to the timeline. */
export interface PointerActs {
  /** A press and release at a time. */
  seek(at: number): void;
  /** A drag, by so many milliseconds to the past. */
  pan(by: number): void;
  /** A drag with the shift key. */
  select(stretch: Stretch): void;
}

interface Press {
  x: number;
  startX: number;
  shift: boolean;
  moved: boolean;
}

/** Tells presses from drags. Owned by one timeline; x is in pixels from its left. */
export class TimelinePointer {
  #press: Press | undefined;

  constructor(private readonly acts: PointerActs) {}

  down(x: number, shift: boolean): void {
    this.#press = { x, startX: x, shift, moved: false };
  }

  move(x: number, view: Stretch, width: number): void {
    const press = this.#press;
    if (!press) return;
    press.moved ||= Math.abs(x - press.startX) > still;
    if (!press.moved) return;
    if (press.shift) {
      const [a, b] = [timeAt(view, width, press.startX), timeAt(view, width, x)];
      this.acts.select({ from: Math.min(a, b), until: Math.max(a, b) });
    } else this.acts.pan(timeAt(view, width, press.x) - timeAt(view, width, x));
    press.x = x;
  }

  up(x: number, view: Stretch, width: number): void {
    if (this.#press && !this.#press.moved) this.acts.seek(timeAt(view, width, x));
    this.#press = undefined;
  }

  cancel(): void {
    this.#press = undefined;
  }
}
