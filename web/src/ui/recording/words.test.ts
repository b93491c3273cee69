import { expect, test } from 'vitest';
import { playbackWord } from './words';

const missing = { gaps: [], from: 0, until: 9000, seenAt: 1000 };

test('what was skipped is told for a while, and as long as playback stands there', () => {
  expect(playbackWord({ name: 'playing' }, missing, 3000)).toBe('9.00 s missing');
  expect(playbackWord({ name: 'playing' }, missing, 9000)).toBe('');
  expect(playbackWord({ name: 'paused' }, missing, 9000)).toBe('9.00 s missing');
  expect(playbackWord({ name: 'paused' }, undefined, 9000)).toBe('');
});

test('an end and a failure are told', () => {
  expect(playbackWord({ name: 'ended' }, undefined, 0)).toBe('end of what is recorded');
  expect(playbackWord({ name: 'failed', reason: 'no disk' }, undefined, 0)).toBe('playback stopped: no disk');
  expect(playbackWord({ name: 'failed', reason: 'unplayable' }, undefined, 0)).toMatch(/export the MP4/);
});
