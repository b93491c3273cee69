import { expect, test } from 'vitest';
import { isSilent, lateSince, mustJump } from './lateness';

/** Feeds frames, one each 100 ms from `from` to `to`, each `late` ms late; answers since when they are late at the end. */
function feed(from: number, to: number, late: number, before?: number, delay = 0): number | undefined {
  let since = before;
  for (let arrivedAt = from; arrivedAt <= to; arrivedAt += 100)
    since = lateSince(since, { arrivedAt, receivedAt: arrivedAt - late, openedAt: 0, delay });
  return since;
}

test('what waits at the server for its results is not late', () => {
  expect(feed(2000, 9000, 1500, undefined, 600)).toBeUndefined();
  expect(feed(2000, 9000, 1700, undefined, 600)).toBe(2000);
});

test('frames in time never ask for a new call', () => {
  expect(feed(2000, 9000, 900)).toBeUndefined();
  expect(mustJump(undefined, 9000, -Infinity)).toBe(false);
});

test('frames late for more than a second ask for a new call', () => {
  const since = feed(3000, 4100, 1200);

  expect(since).toBe(3000);
  expect(mustJump(since, 4000, -Infinity)).toBe(false);
  expect(mustJump(since, 4100, -Infinity)).toBe(true);
});

test('one frame in time ends the stretch', () => {
  expect(feed(4200, 4200, 10, feed(3000, 4100, 1200))).toBeUndefined();
});

test('a new call has a second to settle', () => {
  expect(feed(0, 900, 1200)).toBeUndefined();
});

test('a replay of what the server already had is not lateness', () => {
  expect(lateSince(undefined, { receivedAt: 9000, arrivedAt: 12000, openedAt: 10000, delay: 0 })).toBeUndefined();
});

test('a new call comes no sooner than two seconds after the last', () => {
  expect(mustJump(8000, 9500, 8000)).toBe(false);
  expect(mustJump(8000, 10000, 8000)).toBe(true);
});

test('a call is silent after five seconds', () => {
  expect(isSilent(1000, 6000)).toBe(false);
  expect(isSilent(1000, 6001)).toBe(true);
});
