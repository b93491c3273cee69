import { expect, test } from 'vitest';
import { micros, millis } from './time';
import { timelineInterval } from './timeline';

test('a long timeline is asked for less often', () => {
  expect(timelineInterval(20)).toBeLessThan(5000);
  expect(timelineInterval(10_000)).toBeGreaterThan(timelineInterval(20));
});

test('a time goes to the wire and back', () => {
  expect(micros(1_770_000_000_123.456)).toBe(1_770_000_000_123_456n);
  expect(millis(micros(1_770_000_000_123.456))).toBe(1_770_000_000_123.456);
});
