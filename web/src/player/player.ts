import { diagnostics } from '../diagnostics';
import type { Format, Frame } from '../gen/framewire/v1/frame_pb';
import type { Result } from '../gen/framewire/v1/result_pb';
import type { Ended, Offline, Started } from '../gen/framewire/v1/viewing_pb';
import type { ServerClock } from '../server/clock';
import { millis, pageNow } from '../server/time';
import type { StreamReceiver } from '../server/watcher';
import { ageOf, stagesOf, type Offsets } from './age';
import { decoderFor } from './decoders';
import { Meter } from './meter';
import type { Overlay } from './overlay';
import { Painter } from './painter';
import { noteOf, type Decoder, type FrameNote, type Picture, type Screen } from './picture';
import { ResultShelf } from './shelf';

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

  readonly #painter: Painter;
  readonly #results = new ResultShelf();
  #showsResults = false;
  /** True while somebody else paints on the canvas. */
  #held = false;
  #session = '';
  #decoder: Decoder | undefined;
  /** The highest sequence of the session that was handed over for painting. */
  #shownSequence = 0n;

  constructor(
    private readonly stream: string,
    canvas: HTMLCanvasElement,
    private readonly clock: ServerClock,
    private readonly overlay?: Overlay,
  ) {
    this.#painter = new Painter(stream, canvas, (note, drawnAt) => {
      this.#drew(note, drawnAt);
    });
  }

  /** The age of the picture on screen, milliseconds; undefined if there is none. */
  age(now: number): number | undefined {
    return this.shown && ageOf(this.shown.capturedAt, now, this.#offsets());
  }

  started({ session, format }: Started): void {
    if (session !== this.#session) {
      this.#shownSequence = 0n;
      this.#results.clear();
    }
    this.#session = session;
    this.format = format;
    this.trouble = undefined;
    this.#decoder?.close();
    this.#decoder = decoderFor(format, this);
  }

  frame(frame: Frame, arrivedAt: number, results: readonly Result[]): void {
    this.word = { online: true, at: arrivedAt, since: 0, complete: false };
    this.meter.arrived(frame.payload.length);
    const note = noteOf(frame, this.#session, arrivedAt, this.#shownSequence);
    const { session, sequence, capturedAt } = note;
    if (results.length) this.#results.put({ session, sequence, capturedAt, results });
    if (this.#decoder) this.#decoder.decode(frame.payload, note);
    else this.broken();
  }

  offline({ sinceUnixMicros, complete }: Offline): void {
    this.word = { online: false, at: pageNow(), since: millis(sinceUnixMicros), complete };
  }

  ended({ reason }: Ended): void {
    this.trouble = reason;
  }

  show(picture: Picture): void {
    if (picture.note.sequence > this.#shownSequence) this.#shownSequence = picture.note.sequence;
    if (this.#held) picture.release();
    else this.#painter.show(picture);
  }

  /** Leaves the canvas to somebody else; until it is given back there is no age. */
  hold(): void {
    this.#held = true;
    this.shown = undefined;
    this.#painter.drop();
    this.overlay?.clear();
  }

  /** Takes the canvas back: the next picture may be one that was on it before. */
  release(): void {
    this.#held = false;
    this.#shownSequence = 0n;
    this.overlay?.clear();
  }

  /** Whether what the processors make of the frames is shown over them. */
  set showsResults(shows: boolean) {
    if (shows === this.#showsResults) return;
    this.#showsResults = shows;
    this.#results.clear();
    if (!this.#held) this.overlay?.clear();
  }

  broken(): void {
    this.brokenFrames++;
  }

  close(): void {
    this.#decoder?.close();
    this.#painter.drop();
    diagnostics.drawn.delete(this.stream);
  }

  #drew(note: FrameNote, drawnAt: number): void {
    this.shown = note;
    if (this.#showsResults) this.overlay?.show(note, this.#results.at(note));
    if (this.clock.settled) this.meter.drew(stagesOf({ ...note, drawnAt }, this.#offsets()));
  }

  #offsets(): Offsets {
    return { server: this.clock.offset, publisher: this.publisherOffset };
  }
}
