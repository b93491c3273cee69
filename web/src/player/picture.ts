import type { Frame } from '../gen/framewire/v1/frame_pb';
import { millis } from '../server/time';

/** What is known of a frame besides its payload, which is let go as soon as it is decoded. */
export interface FrameNote {
  session: string;
  sequence: bigint;
  ptsMicros: bigint;
  keyframe: boolean;
  bytes: number;
  metadata: Record<string, string>;
  /** By the publisher's clock, milliseconds since 1970. */
  capturedAt: number;
  /** By the server's clock. */
  receivedAt: number;
  /** By the page's clock. */
  arrivedAt: number;
  /** True if this frame or a later one of the session was shown already: a new call begins at a keyframe of the past. */
  replayed: boolean;
}

/** A decoded frame that waits to be painted. Its owner must release it, painted or not. */
export interface Picture {
  note: FrameNote;
  paint(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): void;
  release(): void;
}

/** Makes pictures of frames. Owned by one player for one session. No method throws; what is broken is counted. */
export interface Decoder {
  /** Frames that wait in it. */
  readonly waiting: number;
  decode(payload: Uint8Array, note: FrameNote): void;
  /** Brings out what it holds back for reordering; the next frame must be a keyframe. */
  flush(): void;
  close(): void;
}

/** Where a decoder's results go. */
export interface Screen {
  /** Takes the picture over. */
  show(picture: Picture): void;
  /** A frame could not be decoded. */
  broken(): void;
}

export function noteOf(frame: Frame, session: string, arrivedAt: number, shownSequence: bigint): FrameNote {
  const { sequence, ptsMicros, keyframe, metadata } = frame;
  return {
    session,
    sequence,
    ptsMicros,
    keyframe,
    metadata,
    bytes: frame.payload.length,
    capturedAt: millis(frame.capturedAtUnixMicros),
    receivedAt: millis(frame.receivedAtUnixMicros),
    arrivedAt,
    replayed: sequence <= shownSequence,
  };
}

/** Gives the canvas the picture's size; setting it clears the canvas, so only when it changes. */
export function fit(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
