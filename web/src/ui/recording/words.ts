import type { Missing } from '../../player/missing';
import type { PlaybackState } from '../../player/playback-state';
import { missingText } from './gaps';

/** For how long what was skipped is told, milliseconds. */
const toldFor = 5000;
/** A search that is over by then is not worth a word, milliseconds. */
const soon = 500;

/** What playback tells of itself. */
export interface Told {
  state: PlaybackState;
  missing: Missing | undefined;
  /** The frame on screen. */
  shown: { capturedAt: number } | undefined;
}

/** What is said over a recorded picture. */
export function playbackWord({ state, missing, shown }: Told, now: number): string {
  switch (state.name) {
    case 'failed':
      return state.reason === 'unplayable'
        ? 'this browser cannot play H.264 here: open the page over https or on the server itself, or export the MP4'
        : `playback stopped: ${state.reason}`;
    case 'ended':
      return 'end of what is recorded';
    case 'seeking':
      return now - state.since > soon ? 'looking…' : '';
    default:
      if (!missing) return '';
      return now - missing.seenAt < toldFor || shown?.capturedAt === missing.until ? missingText(missing) : '';
  }
}
