import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ResultSchema } from '../gen/framewire/v1/result_pb';
import { factsOf } from './result-facts';

test('the reply, the classes of the picture and the values are told, boxes counted', () => {
  const result = create(ResultSchema, {
    optionalReply: { case: 'reply', value: 0 },
    detections: [{ label: 'person', box: {} }, { label: 'dark', score: 0.875 }, { label: 'indoors' }],
    values: { sharpness: '3.5', brightness: '0.1' },
  });

  expect(factsOf(result)).toEqual([
    ['Reply', '0'],
    ['Boxes', '1'],
    ['dark', '0.88'],
    ['indoors', 'yes'],
    ['brightness', '0.1'],
    ['sharpness', '3.5'],
  ]);
});

test('there is a limit to what is told', () => {
  const detections = Array.from({ length: 1000 }, (_, i) => ({ label: `class ${i}` }));
  const facts = factsOf(create(ResultSchema, { detections, values: { long: 'x'.repeat(60_000) } }));

  expect(facts).toHaveLength(23);
  expect(facts[21]).toEqual(['More classes', '980']);
  expect(facts[22]?.[1].length).toBeLessThan(300);
});
