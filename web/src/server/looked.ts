import type { Result } from '../gen/framewire/v1/result_pb';
import type { Place } from './reader';

/** A frame, and when it was captured by the publisher's clock, milliseconds since 1970. */
export interface Moment extends Place {
  capturedAt: number;
}

/** What the processors made of one frame. */
export interface Looked extends Moment {
  results: readonly Result[];
}
