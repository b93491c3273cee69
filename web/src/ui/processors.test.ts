import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ProcessorStatus_State as State, ProcessorStatusSchema } from '../gen/framewire/v1/result_pb';
import { isTroubled, troubleText } from './processors';

const processor = (state: State, error = '') => create(ProcessorStatusSchema, { name: 'people', state, error });

test('who is absent or has failed is in trouble', () => {
  const states = [State.UNSPECIFIED, State.ATTACHED, State.ABSENT, State.FAILED];

  expect(states.map((state) => isTroubled(processor(state)))).toEqual([false, false, true, true]);
});

test('the trouble is told in a sentence', () => {
  expect(troubleText(processor(State.ABSENT))).toBe('Processor people is absent: it broke off and has not come back');
  expect(troubleText(processor(State.FAILED, 'no ffmpeg'))).toBe('Processor people has failed (no ffmpeg)');
});
