import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RecordingSchema } from '../../gen/framewire/v1/recordings_pb';
import { StreamStatusSchema } from '../../gen/framewire/v1/viewing_pb';
import { recordedOnly } from './recorded-section';

const recordings = new Map(['gate', 'lab', 'road'].map((stream) => [stream, create(RecordingSchema, { stream })]));
const streams = [create(StreamStatusSchema, { name: 'lab' })];
const names = (search: string) => recordedOnly(recordings, streams, search).map(({ stream }) => stream);

test('only what has no tile of its own is told as recorded', () => {
  expect(names('')).toEqual(['gate', 'road']);
  expect(names(' GA')).toEqual(['gate']);
});

test('nothing is told before the server has listed its streams, or if it does not record', () => {
  expect(recordedOnly(recordings, undefined, '')).toEqual([]);
  expect(recordedOnly(undefined, streams, '')).toEqual([]);
});
