import type { RecordedGap } from '../gen/framewire/v1/recordings_pb';
import type { RecordedFrame } from '../server/reader';
import { timeOf } from './place';

/** A missing stretch longer than this is not waited out, milliseconds. */
const longestWait = 1000;

/** A stretch that playback went over: times of the publisher's clock, and when that was by the page's; all milliseconds. */
export interface Missing {
  gaps: readonly RecordedGap[];
  from: number;
  until: number;
  seenAt: number;
}

/** What is missing between two frames, if it is too long to be waited for. A slow stream has no gaps. */
export function missingBetween(
  previous: RecordedFrame | undefined,
  next: RecordedFrame,
  now: number,
): Missing | undefined {
  if (!previous) return undefined;
  const [from, until] = [timeOf(previous), timeOf(next)];
  const isBroken = next.gaps.length > 0 || next.session !== previous.session;
  const isLong = until - from > longestWait || from - until > longestWait;
  return isBroken && isLong ? { gaps: next.gaps, from, until, seenAt: now } : undefined;
}

/** What is missing at a time that was asked for, given the first frame at or after it. */
export function missingAt(at: number, next: RecordedFrame, now: number): Missing | undefined {
  const until = timeOf(next);
  return until - at > longestWait ? { gaps: next.gaps, from: at, until, seenAt: now } : undefined;
}
