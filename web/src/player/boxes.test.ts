import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { DetectionSchema, ResultSchema } from '../gen/framewire/v1/result_pb';
import { boxesOf, boxText, mostBoxes, scoreText } from './boxes';
import type { Seen } from './seen';

const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
const seen = (detections: MessageInitShape<typeof DetectionSchema>[], own = true, processor = 'p'): Seen => ({
  ...{ result: create(ResultSchema, { processor, detections }), sequence: 7n, own, left: 100 },
});

test('a box has what was said of it, and is dashed on frames that are not its own', () => {
  const detections = [{ label: 'person', score: 0.5, trackId: 3n, box }];

  expect(boxesOf([seen(detections)])).toEqual([
    { processor: 'p', label: 'person', score: 0.5, trackId: 3n, ...box, sequence: 7n, dashed: false },
  ]);
  expect(boxesOf([seen(detections, false)])[0]?.dashed).toBe(true);
});

test('classes of the picture and what is no rectangle are not drawn', () => {
  const strange = [{ x: NaN }, { width: Infinity }, { height: -0.1 }].map((part) => ({ box: { ...box, ...part } }));

  expect(boxesOf([seen([{ label: 'dark' }, ...strange])])).toEqual([]);
});

test('solid boxes lie above dashed ones, and are the last to be left out', () => {
  const many = Array.from({ length: mostBoxes - 1 }, () => ({ label: 'old', box }));
  const boxes = boxesOf([seen(many, false, 'a'), seen([{ label: 'new', box }], true, 'b'), seen(many, false, 'c')]);

  expect(boxes).toHaveLength(mostBoxes);
  expect(boxes.at(-1)?.label).toBe('new');
});

test('what stands at a box is short', () => {
  expect(boxText({ label: 'person', score: 0.876, trackId: 12n })).toBe('person 0.88 #12');
  expect(boxText({ label: 'person', score: 0, trackId: 0n })).toBe('person');
  expect(boxText({ label: '', score: 1, trackId: 0n })).toBe('1.00');
  expect(boxText({ label: 'x'.repeat(128), score: 0, trackId: 0n })).toHaveLength(32);
});

test('a score may be by any measure', () => {
  expect([0.005, 1, -3.14159, 250].map(scoreText)).toEqual(['0.01', '1.00', '-3.14', '250.00']);
  expect([0, NaN, Infinity].map(scoreText)).toEqual(['', '', '']);
  expect(scoreText(3e38).length).toBeLessThan(10);
});
