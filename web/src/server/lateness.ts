/** A frame later than this has been waiting in a buffer that a new call would not have, milliseconds. */
const lateAfter = 1000;
/** A frame may wait at the server for what the processors make of it, milliseconds. */
export const resultPatience = 600;
/** How long frames must keep being late. */
const lateFor = 1000;
/** A new call is given this long to settle. */
const settling = 1000;
/** Calls are not reopened more often than this. */
const jumpInterval = 2000;
/** A call that says nothing for this long is dead: the server speaks each second. */
const silenceLimit = 5000;

/** When one frame came; milliseconds, all by the same clock. */
export interface Arrival {
  /** When the server had the frame. */
  receivedAt: number;
  /** When the page had it. */
  arrivedAt: number;
  /** When the call that brought it began. */
  openedAt: number;
  /** For how long it may have been kept at the server on purpose. */
  delay: number;
}

/**
 * Since when the frames of a stream have been late without pause, given what was known before this frame; undefined if they
 * are not. What the server had before the call began is a replay: it says nothing about the link.
 */
export function lateSince(
  before: number | undefined,
  { receivedAt, arrivedAt, openedAt, delay }: Arrival,
): number | undefined {
  if (receivedAt < openedAt || arrivedAt < openedAt + settling) return undefined;
  return arrivedAt - receivedAt > lateAfter + delay ? (before ?? arrivedAt) : undefined;
}

/** Whether a stream that is late since then is worth a new call, which throws away what waits in the old one's buffers. */
export function mustJump(since: number | undefined, now: number, lastJumpAt: number): boolean {
  return since !== undefined && now - since > lateFor && now - lastJumpAt >= jumpInterval;
}

/** Whether a call that was last heard then must be given up. */
export function isSilent(lastHeardAt: number, now: number): boolean {
  return now - lastHeardAt > silenceLimit;
}
