import { expect, test } from 'vitest';
import { PlaybackClock } from './playback-clock';

test('a frame is due by its own time, at the speed', () => {
  const clock = new PlaybackClock();
  clock.start(10_000, 500);

  expect(clock.wait(10_000, 500)).toBe(0);
  expect(clock.wait(10_400, 600)).toBe(300);

  clock.setSpeed(4, 600);
  expect(clock.wait(10_500, 600)).toBe(100);
  expect(clock.at(700)).toBe(10_500);
});

test('a change of the speed does not jump', () => {
  const clock = new PlaybackClock(2);
  clock.start(0, 0);
  clock.setSpeed(0.5, 1000);

  expect(clock.at(1000)).toBe(2000);
  expect(clock.at(2000)).toBe(2500);
});

test('a frame that was held up is late', () => {
  const clock = new PlaybackClock();
  clock.start(0, 0);

  expect(clock.isLate(1000, 1200)).toBe(false);
  expect(clock.isLate(1000, 1300)).toBe(true);
});
