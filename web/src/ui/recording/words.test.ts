import { expect, test } from 'vitest';
import type { PlaybackState } from '../../player/playback-state';
import { playbackWord } from './words';

const missing = { gaps: [], from: 0, until: 9000, seenAt: 1000 };
const word = (state: PlaybackState, now = 0, capturedAt = 9500) =>
  playbackWord({ state, missing, shown: { capturedAt } }, now);

test('what was skipped is told for a while, and as long as playback stands there', () => {
  expect(word({ name: 'playing' }, 3000)).toBe('9.00 s missing');
  expect(word({ name: 'playing' }, 9000)).toBe('');
  expect(word({ name: 'paused' }, 9000)).toBe('');
  expect(word({ name: 'paused' }, 9000, 9000)).toBe('9.00 s missing');
  expect(playbackWord({ state: { name: 'playing' }, missing: undefined, shown: undefined }, 0)).toBe('');
});

test('an end and a failure are told', () => {
  expect(word({ name: 'ended' })).toBe('end of what is recorded');
  expect(word({ name: 'failed', reason: 'no disk' })).toBe('playback stopped: no disk');
  expect(word({ name: 'failed', reason: 'unplayable' })).toMatch(/export the MP4/);
});

test('a search is told only if it takes its time', () => {
  const seeking: PlaybackState = { name: 'seeking', thenPlay: true, since: 1000 };

  expect([word(seeking, 1100), word(seeking, 2000)]).toEqual(['', 'looking…']);
});
