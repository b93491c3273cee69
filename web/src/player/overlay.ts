import { diagnostics, type DrawnBox } from '../diagnostics';
import type { Moment } from '../server/looked';
import { boxesOf } from './boxes';
import { drawBoxes } from './draw-boxes';
import { containedIn } from './geometry';
import { afterwards, type Seen } from './seen';

/** Processors whose last word is remembered. */
const mostProcessors = 64;

/**
 * Shows what the processors made of the picture, on a canvas that lies exactly over the picture's. Whoever paints the picture tells it
 * in the same breath, so that both appear together. Owned by the player's element.
 */
export class Overlay {
  /** The last that each processor made of a frame that was shown, by its name; of one session. */
  readonly latest = new Map<string, Seen>();

  readonly #context: CanvasRenderingContext2D | null;
  readonly #resized: ResizeObserver;
  #frame: Moment | undefined;
  #boxes: readonly DrawnBox[] = [];
  #isBlank = true;
  #fading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly stream: string,
    private readonly canvas: HTMLCanvasElement,
    private readonly picture: HTMLCanvasElement,
  ) {
    this.#context = canvas.getContext('2d');
    this.#resized = new ResizeObserver(() => {
      this.#draw();
    });
    this.#resized.observe(canvas);
  }

  /** Shows what was seen in the frame that was just painted, in place of what was shown before. */
  show(frame: Moment, seen: readonly Seen[]): void {
    if (frame.session !== this.#frame?.session) this.latest.clear();
    this.#frame = { session: frame.session, sequence: frame.sequence, capturedAt: frame.capturedAt };
    for (const one of seen)
      if (this.latest.size < mostProcessors || this.latest.has(one.result.processor))
        this.latest.set(one.result.processor, one);
    this.#boxes = boxesOf(seen);
    this.#fade(seen);
    this.#draw();
  }

  clear(): void {
    clearTimeout(this.#fading);
    this.#frame = undefined;
    this.#boxes = [];
    this.latest.clear();
    this.#draw();
  }

  close(): void {
    this.clear();
    this.#resized.disconnect();
  }

  /** Takes away in time what is not of the frame on screen, even if no other frame comes. */
  #fade(seen: readonly Seen[]): void {
    clearTimeout(this.#fading);
    const next = Math.min(...seen.filter(({ own }) => !own).map(({ left }) => left));
    if (next === Infinity) return;
    this.#fading = setTimeout(() => {
      const rest = afterwards(seen, next);
      this.#boxes = boxesOf(rest);
      this.#fade(rest);
      this.#draw();
    }, next);
  }

  #draw(): void {
    if (this.#frame) diagnostics.overlaid.set(this.stream, { sequence: this.#frame.sequence, boxes: this.#boxes });
    else diagnostics.overlaid.delete(this.stream);
    const context = this.#context;
    if (!context || (this.#isBlank && !this.#boxes.length)) return;
    const { clientWidth, clientHeight } = this.canvas;
    const scale = devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.scale(scale, scale);
    drawBoxes(context, this.#boxes, containedIn({ width: clientWidth, height: clientHeight }, this.picture));
    this.#isBlank = !this.#boxes.length;
  }
}
