import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ResultSchema } from '../gen/framewire/v1/result_pb';
import { ResultShelf } from './shelf';

const frame = (n: number) => ({ session: 's', sequence: BigInt(n), capturedAt: n * 40 });
const results = [create(ResultSchema, { processor: 'p' })];

test('results wait until their frame is painted, however many come first', () => {
  const shelf = new ResultShelf();
  for (let n = 1; n <= 900; n++) shelf.put({ ...frame(n), results });

  for (const n of [1, 2, 500, 900]) expect(shelf.at(frame(n))).toMatchObject([{ sequence: BigInt(n), own: true }]);
});

test('a frame that was passed over still leaves what was seen in it', () => {
  const shelf = new ResultShelf();
  shelf.put({ ...frame(1), results });

  expect(shelf.at(frame(4))).toMatchObject([{ sequence: 1n, own: false }]);
});

test('what is long over is forgotten, and of what is never painted only so much is kept', () => {
  const shelf = new ResultShelf();
  shelf.put({ ...frame(1), results });
  shelf.at(frame(100));
  expect(shelf.at(frame(1))).toEqual([]);

  for (let n = 1; n <= 2000; n++) shelf.put({ ...frame(n), results });
  expect(shelf.at(frame(900))).toEqual([]);
  expect(shelf.at(frame(2000))).toHaveLength(1);
});
