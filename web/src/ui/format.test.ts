import { create, fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { Codec, DropReason, FormatSchema } from '../gen/framewire/v1/frame_pb';
import { ReportSchema } from '../gen/framewire/v1/report_pb';
import * as format from './format';

test('an age is told as short as it can be', () => {
  const ages = [undefined, -5, 123, 9_990, 12_340, 200_000, 7_300_000, 180_000_000].map(format.ageText);

  expect(ages).toEqual(['–', '0.00 s', '0.12 s', '9.99 s', '12.3 s', '3 min 20 s', '2 h 1 min', '2 d 2 h']);
});

test('a time has its date only if that is not today', () => {
  const now = new Date(2026, 2, 9, 18, 0, 0).getTime();

  expect(format.timeText(new Date(2026, 2, 9, 7, 5, 3).getTime(), now)).toBe('07:05:03');
  expect(format.timeText(new Date(2026, 2, 8, 23, 59, 59).getTime(), now)).toBe('2026-03-08 23:59:59');
  expect(format.exactTimeText(new Date(2026, 2, 9, 7, 5, 3, 45).getTime(), now)).toBe('07:05:03.045');
});

test('rates and round trips have a fixed number of digits', () => {
  expect(format.rateText(29.97)).toBe('30.0');
  expect(format.megabitText(2_345_678)).toBe('2.35');
  expect(format.megabitText(793e6)).toBe('793');
  expect(format.microsText(1234)).toBe('1.2 ms');
  expect([format.microsText(0), format.microsText(undefined)]).toEqual(['–', '–']);
});

test('counts and bytes can be read', () => {
  expect(format.countText(1234567n)).toBe('1\u202f234\u202f567');
  expect([format.bytesText(999), format.bytesText(61_234)]).toEqual(['999 B', '61.2 kB']);
  expect([2_400_000n, 7_310_000_000n].map(format.diskText)).toEqual(['2.4 MB', '7.3 GB']);
});

test('the shape is named, whatever a newer server sends', () => {
  expect(format.codecText(create(FormatSchema, { codec: Codec.H264 }))).toBe('H.264');
  expect(format.codecText(fromBinary(FormatSchema, Uint8Array.of(0x08, 99)))).toBe('99');
  expect(format.codecText(undefined)).toBe('–');
  expect(format.sizeText(create(FormatSchema, { width: 640, height: 480 }))).toBe('640×480');
  expect(format.dropText(DropReason.AWAITING_KEYFRAME)).toBe('awaiting keyframe');
  expect(format.dropText(DropReason.POWER_LOST)).toBe('lost with the power');
});

test('drops are the publisher’s count, or what the server missed', () => {
  const drops = [
    { reason: DropReason.LATE, frames: 3n },
    { reason: DropReason.OVERFLOW, frames: 4n },
  ];

  expect(format.dropsOf(create(ReportSchema, { drops }), 9n)).toBe(7n);
  expect(format.dropsOf(undefined, 9n)).toBe(9n);
});
