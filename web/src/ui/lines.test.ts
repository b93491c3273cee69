import { expect, test } from 'vitest';
import { publishLine, watchLines } from './lines';

const origin = { protocol: 'http:', hostname: '[fd00::1]', origin: 'http://[fd00::1]:8080' };

test('the lines have the address that the page was got from', () => {
  expect(publishLine(origin, 5050)).toBe('framewire publish test --to http://[fd00::1]:5050');
  expect(watchLines(origin, 5050, 'road').map(({ text }) => text)).toEqual([
    'ffplay http://[fd00::1]:8080/streams/road/live.mjpeg',
    'cv2.VideoCapture("http://[fd00::1]:8080/streams/road/live.mjpeg")',
    'framewire watch road --from http://[fd00::1]:5050 -o - | ffplay -',
  ]);
});

test('a port that is not known yet is left for the reader', () => {
  expect(publishLine(origin, undefined)).toBe('framewire publish test --to http://[fd00::1]:PORT');
});
