/** What was last drawn of a stream. */
export interface Drawn {
  sequence: bigint;
  /** By the page's clock, milliseconds since 1970. */
  drawnAt: number;
  /** By the publisher's clock, milliseconds since 1970. */
  capturedAtMs: number;
}

/** What a person or a program that looks into the page can read as `window.framewire`. Nothing on the page depends on it. */
export const diagnostics = {
  /** Calls that were replaced because their frames came late. */
  jumps: 0,
  /** By stream. */
  drawn: new Map<string, Drawn>(),
};

declare global {
  interface Window {
    framewire: typeof diagnostics;
  }
}
