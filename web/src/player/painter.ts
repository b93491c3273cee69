import { diagnostics } from '../diagnostics';
import { pageNow } from '../server/time';
import type { FrameNote, Picture } from './picture';

/** Paints a canvas at the screen's refresh with the newest picture it was given. Owned by one player. */
export class Painter {
  readonly #context: CanvasRenderingContext2D | null;
  #pending: Picture | undefined;
  #refresh = 0;

  /** `drew` is told of each picture once it is on the canvas, with the time by the page's clock. */
  constructor(
    private readonly stream: string,
    private readonly canvas: HTMLCanvasElement,
    private readonly drew: (note: FrameNote, drawnAt: number) => void,
  ) {
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /** Takes the picture over, in place of one that still waits. */
  show(picture: Picture): void {
    this.#pending?.release();
    this.#pending = picture;
    this.#refresh ||= requestAnimationFrame(() => {
      this.#paint();
    });
  }

  /** Forgets the picture that waits. */
  drop(): void {
    cancelAnimationFrame(this.#refresh);
    this.#refresh = 0;
    this.#pending?.release();
    this.#pending = undefined;
  }

  #paint(): void {
    this.#refresh = 0;
    const picture = this.#pending;
    this.#pending = undefined;
    if (!picture || !this.#context) return;
    picture.paint(this.canvas, this.#context);
    picture.release();

    const drawnAt = pageNow();
    const { sequence, capturedAt } = picture.note;
    diagnostics.drawn.set(this.stream, { sequence, drawnAt, capturedAtMs: capturedAt });
    this.drew(picture.note, drawnAt);
  }
}
