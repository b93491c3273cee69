import type { RecordedGap } from '../../gen/framewire/v1/recordings_pb';
import { millis } from '../../server/time';

/** A stretch of time, milliseconds since 1970. */
export interface Stretch {
  from: number;
  until: number;
}

export const lengthOf = ({ from, until }: Stretch): number => until - from;
export const middleOf = ({ from, until }: Stretch): number => (from + until) / 2;
export const xAt = (view: Stretch, width: number, time: number): number =>
  ((time - view.from) / lengthOf(view)) * width;
export const timeAt = (view: Stretch, width: number, x: number): number => view.from + (x / width) * lengthOf(view);

/** When a gap is; where one side is not known it has no length. */
export const boundsOf = ({ fromUnixMicros, untilUnixMicros }: RecordedGap): Stretch => ({
  from: millis(fromUnixMicros || untilUnixMicros),
  until: millis(untilUnixMicros || fromUnixMicros),
});
