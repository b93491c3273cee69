import { expect, test } from 'vitest';
import { Meter } from './meter';

test('a reading is of the time since the last one', () => {
  const meter = new Meter(0);
  for (let i = 0; i < 15; i++) meter.arrived(1000);
  meter.drew({ captureToServer: 10, serverToPage: 20, pageToScreen: 30, total: 60 });
  meter.drew({ captureToServer: 20, serverToPage: 30, pageToScreen: 40, total: 90 });

  expect(meter.read(500)).toEqual({
    framesPerSecond: 30,
    bitsPerSecond: 240_000,
    stages: { captureToServer: 15, serverToPage: 25, pageToScreen: 35, total: 75 },
  });
  expect(meter.read(1500)).toEqual({ framesPerSecond: 0, bitsPerSecond: 0, stages: undefined });
});
