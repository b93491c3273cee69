import { diagnostics } from '../diagnostics';
import type { Format, Frame } from '../gen/framewire/v1/frame_pb';
import type { Ended, Offline, Started } from '../gen/framewire/v1/viewing_pb';
import type { ServerClock } from '../server/clock';
import { millis, pageNow } from '../server/time';
import type { StreamReceiver } from '../server/watcher';
import { ageOf, stagesOf, type Offsets } from './age';
import { decoderFor } from './decoders';
import { Meter } from './meter';
import { noteOf, type Decoder, type FrameNote, type Picture, type Screen } from './picture';

/** What a call last said of whether there is a publisher, and when it said so by the page's clock. */
export interface Word {
  online: boolean;
  at: number;
  since: number;
  complete: boolean;
}

/** Plays one stream onto one canvas: decodes what the watcher brings, paints the newest at the next screen refresh. */
export class StreamPlayer implements StreamReceiver, Screen {
  /** The server's clock minus the publisher's, milliseconds; kept up to date by the owner. */
  publisherOffset = 0;
  /** The frame on screen. */
  shown: FrameNote | undefined;
  /** What the frames look like as they come, which may not be what the publisher sends. */
  format: Format | undefined;
  /** The last word of the call. */
  word: Word | undefined;
  /** Why the server shows no more of the stream; undefined while it does. */
  trouble: string | undefined;
  /** Frames that could not be decoded. */
  brokenFrames = 0;
  readonly meter = new Meter(pageNow());

  readonly #context: CanvasRenderingContext2D | null;
  #session = '';
  #decoder: Decoder | undefined;
  /** The highest sequence of the session that was handed over for painting. */
  #shownSequence = 0n;
  #pending: Picture | undefined;
  #refresh = 0;

  constructor(
    private readonly stream: string,
    private readonly canvas: HTMLCanvasElement,
    private readonly clock: ServerClock,
  ) {
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /** The age of the picture on screen, milliseconds; undefined if there is none. */
  age(now: number): number | undefined {
    return this.shown && ageOf(this.shown.capturedAt, now, this.#offsets());
  }

  started({ session, format }: Started): void {
    if (session !== this.#session) this.#shownSequence = 0n;
    this.#session = session;
    this.format = format;
    this.trouble = undefined;
    this.#decoder?.close();
    this.#decoder = decoderFor(format, this);
  }

  frame(frame: Frame, arrivedAt: number): void {
    this.word = { online: true, at: arrivedAt, since: 0, complete: false };
    this.meter.arrived(frame.payload.length);
    if (this.#decoder)
      this.#decoder.decode(frame.payload, noteOf(frame, this.#session, arrivedAt, this.#shownSequence));
    else this.broken();
  }

  offline({ sinceUnixMicros, complete }: Offline): void {
    this.word = { online: false, at: pageNow(), since: millis(sinceUnixMicros), complete };
  }

  ended({ reason }: Ended): void {
    this.trouble = reason;
  }

  show(picture: Picture): void {
    this.#pending?.release();
    this.#pending = picture;
    if (picture.note.sequence > this.#shownSequence) this.#shownSequence = picture.note.sequence;
    this.#refresh ||= requestAnimationFrame(() => {
      this.#paint();
    });
  }

  broken(): void {
    this.brokenFrames++;
  }

  close(): void {
    cancelAnimationFrame(this.#refresh);
    this.#decoder?.close();
    this.#pending?.release();
    this.#pending = undefined;
    diagnostics.drawn.delete(this.stream);
  }

  #paint(): void {
    this.#refresh = 0;
    const picture = this.#pending;
    this.#pending = undefined;
    if (!picture || !this.#context) return;
    picture.paint(this.canvas, this.#context);
    picture.release();

    const drawnAt = pageNow();
    this.shown = picture.note;
    if (this.clock.settled) this.meter.drew(stagesOf({ ...picture.note, drawnAt }, this.#offsets()));
    const { sequence, capturedAt } = picture.note;
    diagnostics.drawn.set(this.stream, { sequence, drawnAt, capturedAtMs: capturedAt });
  }

  #offsets(): Offsets {
    return { server: this.clock.offset, publisher: this.publisherOffset };
  }
}
