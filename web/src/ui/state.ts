import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import type { Word } from '../player/player';
import { millis } from '../server/time';

/** What a player shows: nothing yet, a stream, or the last picture of one. */
export type State = { name: 'waiting' } | { name: 'live' } | { name: 'offline'; since: number; complete: boolean };

/** The directory's word on a stream, and when it came by the page's clock. */
export interface Listed {
  status: StreamStatus;
  at: number;
}

/** The state of a stream, by the later word of the two: that of the call that watches it, and that of the directory. */
export function stateOf(word: Word | undefined, listed: Listed | undefined, hasPicture: boolean): State {
  const told = listed && {
    online: listed.status.online,
    since: millis(listed.status.offlineSinceUnixMicros),
    complete: listed.status.complete,
    at: listed.at,
  };
  const later = word && told ? (word.at >= told.at ? word : told) : (word ?? told);
  if (later && !later.online) return { name: 'offline', since: later.since, complete: later.complete };
  return hasPicture ? { name: 'live' } : { name: 'waiting' };
}
