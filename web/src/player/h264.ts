import { codecOf, findSps, sameBytes } from './annexb';
import { fit, type Decoder, type FrameNote, type Screen } from './picture';
import { queueLimit } from './queue';

/** Frames in the decoder whose notes are kept: more than it may hold, so that only lost ones fall out. */
const mostNotes = 1024;

/**
 * Shows H.264 frames with WebCodecs. Every frame is decoded, since the next needs it, but for those that nobody could decode:
 * after a gap, an error or a full queue it waits for the next keyframe.
 */
export class H264Decoder implements Decoder {
  readonly #startedAt = performance.now();
  readonly #notes = new Map<number, FrameNote>();
  #decoder: VideoDecoder | undefined;
  #sps: Uint8Array | undefined;
  /** The frame that the next delta frame must follow; undefined while a keyframe is needed. */
  #previous: bigint | undefined;

  constructor(private readonly screen: Screen) {}

  decode(payload: Uint8Array, note: FrameNote): void {
    if (!note.keyframe && this.#previous !== note.sequence - 1n) {
      this.#previous = undefined;
      return;
    }
    const decoder = note.keyframe ? this.#decoderFor(payload) : this.#decoder;
    if (!decoder || decoder.decodeQueueSize > queueLimit(performance.now() - this.#startedAt)) {
      this.#previous = undefined;
      return;
    }
    this.#feed(decoder, payload, note);
  }

  get waiting(): number {
    return this.#decoder?.decodeQueueSize ?? 0;
  }

  flush(): void {
    this.#previous = undefined;
    // It rejects if the decoder is closed meanwhile: nobody waits for it then.
    if (this.#decoder?.state === 'configured') this.#decoder.flush().catch(() => undefined);
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = undefined;
    this.#notes.clear();
  }

  /** The decoder that fits the keyframe: the current one as long as the SPS stays. */
  #decoderFor(keyframe: Uint8Array): VideoDecoder | undefined {
    const sps = findSps(keyframe);
    const codec = sps && codecOf(sps);
    if (!codec) {
      this.screen.broken();
      return undefined;
    }
    if (this.#decoder?.state === 'configured' && sameBytes(this.#sps, sps)) return this.#decoder;

    this.close();
    this.#sps = sps.slice();
    const decoder = new VideoDecoder({
      output: (picture) => {
        this.#show(picture);
      },
      error: () => {
        this.#fail();
      },
    });
    decoder.configure({ codec, optimizeForLatency: true });
    return (this.#decoder = decoder);
  }

  #feed(decoder: VideoDecoder, payload: Uint8Array, note: FrameNote): void {
    // The timestamp is a name, not a time: it brings the picture back to its note.
    const timestamp = Number(note.sequence);
    try {
      const type = note.keyframe ? 'key' : 'delta';
      decoder.decode(new EncodedVideoChunk({ type, timestamp, data: payload }));
    } catch {
      this.#fail();
      return;
    }
    this.#previous = note.sequence;
    this.#notes.set(timestamp, note);
    if (this.#notes.size > mostNotes) this.#notes.delete(this.#notes.keys().next().value ?? timestamp);
  }

  #fail(): void {
    this.screen.broken();
    this.close();
    this.#previous = undefined;
  }

  #show(picture: VideoFrame): void {
    const note = this.#notes.get(picture.timestamp);
    this.#notes.delete(picture.timestamp);
    if (!note || note.replayed) {
      picture.close();
      return;
    }
    this.screen.show({
      note,
      paint: (canvas, context) => {
        fit(canvas, picture.displayWidth, picture.displayHeight);
        context.drawImage(picture, 0, 0, picture.displayWidth, picture.displayHeight);
      },
      release: () => {
        picture.close();
      },
    });
  }
}
