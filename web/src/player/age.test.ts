import { expect, test } from 'vitest';
import { ageOf, stagesOf } from './age';

// The publisher's clock is 300 ms behind the server's, the page's 5000 ms.
const offsets = { server: 5000, publisher: 300 };

test('the age is the server time now less the server time of the capture', () => {
  expect(ageOf(99_700, 95_120, offsets)).toBe(120);
});

test('the stages add up to the age', () => {
  const times = { capturedAt: 99_700, receivedAt: 100_020, arrivedAt: 95_050, drawnAt: 95_120 };

  expect(stagesOf(times, offsets)).toEqual({ captureToServer: 20, serverToPage: 30, pageToScreen: 70, total: 120 });
});

test('a stage that the clocks make negative took no time', () => {
  const times = { capturedAt: 100_000, receivedAt: 100_020, arrivedAt: 94_990, drawnAt: 95_000 };

  expect(stagesOf(times, offsets)).toEqual({ captureToServer: 0, serverToPage: 0, pageToScreen: 10, total: 0 });
});
