import type { Client } from '@connectrpc/connect';
import type { Codec } from '../../gen/framewire/v1/frame_pb';
import type { RecordedSpan, Recordings } from '../../gen/framewire/v1/recordings_pb';
import { Playback } from '../../player/playback';
import type { Target } from '../../player/place';
import { seekPlays, willPlay } from '../../player/playback-state';
import { RecordedBoxes } from '../../player/recorded-boxes';
import { millis } from '../../server/time';
import type { Screening } from '../player-element';

/** The panel and the timeline are not drawn more often than this while something plays, milliseconds. */
const drawInterval = 80;

/** The playback of one stream while there is one, with what processors made of its frames. Owned by the panel. */
export class Replay {
  /** Undefined while the picture is live. */
  playback: Playback | undefined;
  /** True while nobody has asked for what is shown. */
  unasked = false;

  #boxes: RecordedBoxes | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #spans: readonly RecordedSpan[] = [];
  #results = true;

  /** `changed` is called when there is something new to draw. */
  constructor(private readonly changed: () => void) {}

  /** What is recorded, as far as it is known. */
  set spans(spans: readonly RecordedSpan[]) {
    this.#spans = spans;
    if (this.playback) this.playback.spans = spans;
    if (this.#boxes) this.#boxes.edge = millis(spans.at(-1)?.untilUnixMicros ?? 0n);
  }

  /** Whether boxes are wanted. */
  set results(on: boolean) {
    this.#results = on;
    if (this.#boxes) this.#boxes.on = on;
  }

  begin(
    client: Client<typeof Recordings>,
    stream: string,
    { canvas, overlay }: Screening,
    codecs: readonly Codec[],
  ): Playback {
    const boxes = (this.#boxes = overlay && new RecordedBoxes(client, stream, overlay, this.#results));
    this.playback = new Playback(client, stream, { canvas, boxes }, codecs);
    this.spans = this.#spans;
    this.playback.addEventListener('change', () => {
      this.#drawing ??= setTimeout(() => {
        this.#drawing = undefined;
        this.changed();
      }, drawInterval);
    });
    return this.playback;
  }

  /** Goes to where somebody wants to be; what was playing, or was never asked for, plays on. */
  seek(target: Exclude<Target, 'next'>, hasJustBegun: boolean): void {
    const plays = this.unasked || hasJustBegun || (this.playback !== undefined && seekPlays(this.playback.state));
    this.unasked = false;
    this.playback?.seek(target, plays);
  }

  /** Plays or pauses. */
  toggle(): void {
    if (this.playback && willPlay(this.playback.state)) this.playback.pause();
    else this.playback?.play();
    this.unasked = false;
  }

  step(direction: 1 | -1): void {
    this.playback?.step(direction);
    this.unasked = false;
  }

  end(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.playback?.close();
    this.#boxes?.close();
    this.playback = this.#boxes = undefined;
    this.unasked = false;
  }
}
