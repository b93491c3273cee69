import type { RecordedSpan } from '../gen/framewire/v1/recordings_pb';
import type { Place, RecordedFrame } from '../server/reader';
import { millis } from '../server/time';

/** The frame that a seek looks for: the first at or after a time, one by its sequence, or whichever comes first. */
export type Target = { at: number } | { place: Place } | 'next';

export const placeOf = ({ session, frame }: RecordedFrame): Place => ({ session, sequence: frame.sequence });
export const samePlace = (a: Place, b: Place): boolean => a.session === b.session && a.sequence === b.sequence;
export const timeOf = ({ frame }: RecordedFrame): number => millis(frame.capturedAtUnixMicros);

/** Whether a frame, read in order, is the one that is looked for, or the first behind it. */
export function isReached(target: Target, item: RecordedFrame): boolean {
  if (target === 'next') return true;
  if ('at' in target) return timeOf(item) >= target.at;
  return item.session !== target.place.session || item.frame.sequence >= target.place.sequence;
}

/** Whether a frame is behind the one that was asked for by its sequence: that one is missing, and the frame before stands for it. */
export const isPast = (target: Target, item: RecordedFrame): boolean =>
  target !== 'next' && 'place' in target && isReached(target, item) && !samePlace(target.place, placeOf(item));

/** The frame with the next lower sequence; that of the session before, for a session's first. */
export function placeBefore(place: Place, spans: readonly RecordedSpan[]): Place | undefined {
  const index = spans.findLastIndex(
    ({ session, firstSequence }) => session === place.session && firstSequence <= place.sequence,
  );
  const span = spans[index];
  if (!span) return place.sequence > 1n ? { ...place, sequence: place.sequence - 1n } : undefined;
  if (place.sequence > span.firstSequence) return { ...place, sequence: place.sequence - 1n };
  const before = spans[index - 1];
  return before && { session: before.session, sequence: before.lastSequence };
}

/** The last frame of a recording. */
export function lastPlace(spans: readonly RecordedSpan[]): Place | undefined {
  const span = spans.at(-1);
  return span && { session: span.session, sequence: span.lastSequence };
}
