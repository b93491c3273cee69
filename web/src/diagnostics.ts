/** What was last drawn of a stream. */
export interface Drawn {
  sequence: bigint;
  /** By the page's clock, milliseconds since 1970. */
  drawnAt: number;
  /** By the publisher's clock, milliseconds since 1970. */
  capturedAtMs: number;
}

/** A box that is drawn over a picture. Lengths are shares of the picture's width and height. */
export interface DrawnBox {
  processor: string;
  label: string;
  score: number;
  /** 0 if it is not followed. */
  trackId: bigint;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The frame in which it was seen. */
  sequence: bigint;
  /** True if that is not the frame on screen, but one before it. */
  dashed: boolean;
}

/** What is drawn over a picture. */
export interface Overlaid {
  /** The frame on screen. */
  sequence: bigint;
  boxes: readonly DrawnBox[];
}

/** What a person or a program that looks into the page can read as `window.framewire`. Nothing on the page depends on it. */
export const diagnostics = {
  /** Calls that were replaced because their frames came late. */
  jumps: 0,
  /** By stream. */
  drawn: new Map<string, Drawn>(),
  /** By stream; none for a stream that is shown without what processors make of it. */
  overlaid: new Map<string, Overlaid>(),
};

declare global {
  interface Window {
    framewire: typeof diagnostics;
  }
}
