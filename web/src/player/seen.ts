import { ResultState, type Result } from '../gen/framewire/v1/result_pb';
import type { Looked, Moment } from '../server/looked';

/** For how long boxes stay on the frames that follow theirs, milliseconds: a processor may be slower than the stream. */
export const heldFor = 500;

/** What one processor made of the frame on screen or, if it did not look at that one, of the last one before it. */
export interface Seen {
  result: Result;
  sequence: bigint;
  /** True if it is of the frame on screen. */
  own: boolean;
  /** For how long it may still be shown on frames that are not its own, milliseconds. */
  left: number;
}

const isDone = ({ state }: Result): boolean => state === ResultState.DONE || state === ResultState.UNSPECIFIED;

/**
 * What is to be shown with a frame, by the processors' names. `looked` is sorted by the time of capture, which is the order in which
 * pictures are shown; that of the sequences need not be.
 */
export function seenAt(looked: readonly Looked[], frame: Moment): Seen[] {
  const seen = new Map<string, Seen>();
  for (let i = firstAfter(looked, frame.capturedAt) - 1; i >= 0; i--) {
    const { session, sequence, capturedAt, results } = looked[i] as Looked;
    const left = heldFor - (frame.capturedAt - capturedAt);
    if (left < 0) break;
    if (session !== frame.session) continue;
    const own = sequence === frame.sequence;
    for (const result of results)
      if (isDone(result) && (own || !seen.has(result.processor)))
        seen.set(result.processor, { result, sequence, own, left });
  }
  return [...seen.values()].sort((a, b) => (a.result.processor < b.result.processor ? -1 : 1));
}

/** What is still to be shown with the same frame so many milliseconds later. */
export const afterwards = (seen: readonly Seen[], time: number): Seen[] =>
  seen.filter(({ own, left }) => own || left > time).map((one) => ({ ...one, left: one.left - time }));

/** The index of the first that was captured after a time. */
export function firstAfter(looked: readonly Looked[], time: number): number {
  let [low, high] = [0, looked.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((looked[middle] as Looked).capturedAt <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts in what is new, where its time is; the same frame again takes the place of what was known of it. */
export function putIn(looked: Looked[], item: Looked): void {
  let at = firstAfter(looked, item.capturedAt);
  for (let i = at - 1; i >= 0 && looked[i]?.capturedAt === item.capturedAt; i--)
    if (looked[i]?.sequence === item.sequence && looked[i]?.session === item.session) looked.splice(--at, 1);
  looked.splice(at, 0, item);
}
