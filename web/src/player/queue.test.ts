import { expect, test } from 'vitest';
import { queueLimit } from './queue';

test('a replay may queue, live frames may not', () => {
  expect(queueLimit(0)).toBe(900);
  expect(queueLimit(2999)).toBe(900);
  expect(queueLimit(3000)).toBe(30);
});
