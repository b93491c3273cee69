import { expect, test } from 'vitest';
import { after, seekPlays, willPlay, type PlaybackEvent, type PlaybackState } from './playback-state';

const run = (...events: PlaybackEvent[]) => events.reduce<PlaybackState>(after, { name: 'paused' });

test('a seek plays or pauses when it has found its frame', () => {
  expect(run({ event: 'seek', play: true, at: 7 }, { event: 'reached' })).toEqual({ name: 'playing' });
  expect(run({ event: 'seek', play: false, at: 7 }, { event: 'reached' })).toEqual({ name: 'paused' });
});

test('play and pause count while a seek still looks', () => {
  expect(run({ event: 'seek', play: true, at: 7 }, { event: 'pause' }, { event: 'reached' })).toEqual({
    name: 'paused',
  });
  expect(run({ event: 'seek', play: false, at: 7 }, { event: 'play' }, { event: 'reached' })).toEqual({
    name: 'playing',
  });
});

test('the end and a failure can be left by playing or seeking', () => {
  expect(run({ event: 'play' }, { event: 'finished' })).toEqual({ name: 'ended' });
  expect(run({ event: 'finished' }, { event: 'pause' })).toEqual({ name: 'ended' });
  expect(run({ event: 'failed', reason: 'away' }, { event: 'play' })).toEqual({ name: 'playing' });
  expect(run({ event: 'finished' }, { event: 'seek', play: true, at: 7 })).toEqual({
    name: 'seeking',
    thenPlay: true,
    since: 7,
  });
});

test('it is known whether it will play', () => {
  expect(willPlay({ name: 'seeking', thenPlay: true, since: 7 })).toBe(true);
  expect(willPlay({ name: 'seeking', thenPlay: false, since: 7 })).toBe(false);
  expect(willPlay({ name: 'ended' })).toBe(false);
});

test('a seek plays on, but for one who has paused', () => {
  const states: PlaybackState[] = [{ name: 'playing' }, { name: 'ended' }, { name: 'paused' }];

  expect(states.map(seekPlays)).toEqual([true, true, false]);
});
