import { expect, test } from 'vitest';
import { codecOf, findSps, sameBytes } from './annexb';

const sps = [0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9];
const pps = [0x68, 0xeb, 0xe3];
const delimiter = [0x09, 0xf0];
const slice = [0x65, 0x88, 0x84];
const short = [0, 0, 1];
const long = [0, 0, 0, 1];

test('the SPS is found behind an access unit delimiter, with start codes of four bytes', () => {
  const unit = Uint8Array.from([...long, ...delimiter, ...long, ...sps, ...long, ...pps, ...short, ...slice]);

  expect([...(findSps(unit) ?? [])]).toEqual(sps);
});

test('the SPS is found first, with start codes of three bytes', () => {
  const unit = Uint8Array.from([...short, ...sps, ...short, ...pps, ...short, ...slice]);

  expect([...(findSps(unit) ?? [])]).toEqual(sps);
});

test('the SPS may be the last unit', () => {
  expect([...(findSps(Uint8Array.from([...long, ...sps, 0, 0])) ?? [])]).toEqual(sps);
});

test('an access unit without SPS has none', () => {
  expect(findSps(Uint8Array.from([...long, ...slice, 0x67]))).toBeUndefined();
  expect(findSps(new Uint8Array())).toBeUndefined();
});

test('the codec string is profile, constraints and level in hex', () => {
  expect(codecOf(Uint8Array.from(sps))).toBe('avc1.64001f');
  expect(codecOf(Uint8Array.of(0x67, 0x42, 0xe0, 0x0a))).toBe('avc1.42e00a');
  expect(codecOf(Uint8Array.of(0x67, 0x42))).toBeUndefined();
});

test('bytes are the same only if all are', () => {
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(sameBytes(Uint8Array.of(1), Uint8Array.of(1, 3))).toBe(false);
  expect(sameBytes(undefined, Uint8Array.of(1))).toBe(false);
});
