/** What playback does. `seeking` looks, since then, for the frame that was asked for; `thenPlay` says what comes after. */
export type PlaybackState =
  | { name: 'seeking'; thenPlay: boolean; since: number }
  | { name: 'playing' }
  | { name: 'paused' }
  | { name: 'ended' }
  | { name: 'failed'; reason: string };

export type PlaybackEvent =
  | { event: 'seek'; play: boolean; at: number }
  | { event: 'reached' }
  | { event: 'play' }
  | { event: 'pause' }
  | { event: 'finished' }
  | { event: 'failed'; reason: string };

/** The state after an event. What makes no sense in a state changes nothing. */
export function after(state: PlaybackState, happened: PlaybackEvent): PlaybackState {
  switch (happened.event) {
    case 'seek':
      return { name: 'seeking', thenPlay: happened.play, since: happened.at };
    case 'reached':
      if (state.name !== 'seeking') return state;
      return { name: state.thenPlay ? 'playing' : 'paused' };
    case 'play':
      if (state.name === 'seeking') return { ...state, thenPlay: true };
      return { name: 'playing' };
    case 'pause':
      if (state.name === 'seeking') return { ...state, thenPlay: false };
      return state.name === 'playing' ? { name: 'paused' } : state;
    case 'finished':
      return { name: 'ended' };
    case 'failed':
      return { name: 'failed', reason: happened.reason };
  }
}

/** Whether it plays, or will as soon as it can. */
export const willPlay = (state: PlaybackState): boolean =>
  state.name === 'playing' || (state.name === 'seeking' && state.thenPlay);

/** Whether a seek goes on playing: only who has paused wants to stay there. */
export const seekPlays = (state: PlaybackState): boolean =>
  willPlay(state) || state.name === 'ended' || state.name === 'failed';
