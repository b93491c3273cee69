import { Codec } from '../gen/framewire/v1/frame_pb';
import type { RecordedFrame } from '../server/reader';
import { pageNow } from '../server/time';
import { decoderFor } from './decoders';
import { Painter } from './painter';
import { noteOf, type Decoder, type FrameNote, type Picture, type Screen } from './picture';
import { placeOf, samePlace } from './place';
import type { RecordedBoxes } from './recorded-boxes';

/** Frames that may wait in the decoder: a pause must not go on for long. */
const backlog = 12;
/** A decoder that owes a picture this long after its last frame holds it back for reordering, milliseconds. */
const heldBack = 150;
/** A picture that has not come by then never will. */
const givenUp = 3000;

/** What recorded frames are shown on. */
export interface Surface {
  canvas: HTMLCanvasElement;
  /** What shows over each frame what the processors made of it. */
  boxes: RecordedBoxes | undefined;
}

/**
 * Shows recorded frames on a canvas: in passing, as they are due, or one exactly, with all that must be decoded before it.
 * Owned by playback, which calls `work` at each refresh as long as it is busy.
 */
export class Projector implements Screen {
  /** The frame on the canvas, once there is one of the recording. */
  shown: FrameNote | undefined;
  /** Frames that could not be decoded. */
  brokenFrames = 0;
  /** True if the codec cannot be shown here. */
  unplayable = false;

  readonly #painter: Painter;
  #decoder: Decoder | undefined;
  #session = '';
  #run: RecordedFrame[] = [];
  #awaited: { item: RecordedFrame; since: number; flushed: boolean } | undefined;
  /** True if the decoder cannot go on with a delta frame. */
  #stale = false;

  constructor(
    stream: string,
    private readonly surface: Surface,
    private readonly codecs: readonly Codec[],
    private readonly changed: () => void,
  ) {
    this.#painter = new Painter(stream, surface.canvas, (note) => {
      this.#drew(note);
    });
  }

  /** Whether a next frame can be passed on. */
  get hasRoom(): boolean {
    return this.#run.length === 0 && (this.#decoder?.waiting ?? 0) < backlog;
  }

  /** Whether there is something left to do. */
  get isBusy(): boolean {
    return this.#run.length > 0 || this.#awaited !== undefined;
  }

  /** True if the frame that follows must be shown by its whole run. */
  get isStale(): boolean {
    return this.#stale;
  }

  /** Decodes the next frame, and shows it unless it is only decoded for those behind it. */
  pass(item: RecordedFrame, silently: boolean): void {
    if (!this.#decoder || item.session !== this.#session) this.#open(item);
    const note = { ...noteOf(item.frame, item.session, pageNow(), 0n), replayed: silently };
    this.#decoder?.decode(item.frame.payload, note);
    if (item.frame.keyframe) this.#stale = false;
    if (this.#awaited) this.#awaited.since = pageNow();
  }

  /** Shows a run's last frame, whatever was decoded before. */
  present(run: RecordedFrame[]): void {
    this.#close();
    this.#run = run;
    const item = run.at(-1);
    if (item) this.await(item);
  }

  show(picture: Picture): void {
    this.#painter.show(picture);
  }

  /** Sees to it that the frame, which was passed on last, gets onto the canvas. */
  await(item: RecordedFrame): void {
    this.#awaited = { item, since: pageNow(), flushed: false };
    this.#arrived();
  }

  broken(): void {
    this.brokenFrames++;
  }

  work(now: number): void {
    while (this.#run.length && (this.#decoder?.waiting ?? 0) < backlog) {
      const item = this.#run.shift();
      if (item) this.pass(item, this.#run.length > 0);
    }
    const owed = this.#awaited;
    if (!owed || this.#run.length || this.#decoder?.waiting) return;
    if (now - owed.since > givenUp) this.#awaited = undefined;
    else if (now - owed.since > heldBack && !owed.flushed) {
      owed.flushed = true;
      this.flush();
    }
  }

  /** Brings out what the decoder holds back: nothing follows. */
  flush(): void {
    this.#decoder?.flush();
    this.#stale = true;
  }

  /** Forgets what was to be shown; the canvas stays as it is. */
  clear(): void {
    this.#close();
    this.#run = [];
    this.#awaited = undefined;
    this.unplayable = false;
    this.#painter.drop();
  }

  #open({ session, format }: RecordedFrame): void {
    this.#close();
    this.#session = session;
    const playable = format?.codec !== Codec.H264 || this.codecs.includes(Codec.H264);
    this.#decoder = playable ? decoderFor(format, this) : undefined;
    this.unplayable = !this.#decoder;
  }

  #close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#stale = false;
  }

  #drew(note: FrameNote): void {
    this.shown = note;
    this.surface.boxes?.show(note);
    this.#arrived();
    this.changed();
  }

  #arrived(): void {
    const owed = this.#awaited;
    if (owed && this.shown && samePlace(this.shown, placeOf(owed.item))) this.#awaited = undefined;
  }
}
