import { expect, test } from 'vitest';
import { retryDelay } from './backoff';

test('pauses double from the first to two seconds, with half of each left to chance', () => {
  expect(retryDelay(1, 0)).toBe(100);
  expect(retryDelay(2, 0)).toBe(200);
  expect(retryDelay(50, 0)).toBe(1000);
  expect(retryDelay(50, 0.999)).toBeLessThan(2000);
});
