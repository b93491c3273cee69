import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { FindingSchema } from '../../gen/framewire/v1/recordings_pb';
import { micros } from '../../server/time';
import { findingAt, findingBeside, findingText, foundText, marksOf } from './findings';

const finding = (from: number, until = from) =>
  create(FindingSchema, {
    ...{ label: 'person', processor: 'people', most: 1, maxScore: 0.9 },
    fromUnixMicros: micros(from),
    untilUnixMicros: micros(until),
  });
const view = { from: 0, until: 1000 };
const at = (found: ReturnType<typeof finding> | undefined) => found && Number(found.fromUnixMicros) / 1000;

test('a finding is marked where it is, and the shortest can be seen', () => {
  expect(marksOf(view, 100, [finding(0, 95), finding(500)])).toEqual([
    { x: 0, width: 10 },
    { x: 50, width: 2 },
  ]);
});

test('findings that touch are one mark, and nothing is marked outside of the view', () => {
  const findings = [finding(-500, -100), finding(-50, 15), finding(20, 45), finding(995, 3000), finding(2000)];

  expect(marksOf(view, 100, findings)).toEqual([
    { x: 0, width: 5 },
    { x: 99, width: 1 },
  ]);
  expect(marksOf(view, 100, [])).toEqual([]);
});

test('ten thousand findings are as many marks as there is room for', () => {
  const findings = Array.from({ length: 10_000 }, (_, i) => finding(i / 10));

  expect(marksOf(view, 100, findings)).toEqual([{ x: 0, width: 100 }]);
});

test('one goes from finding to finding', () => {
  const findings = [finding(1000), finding(3000, 4000), finding(6000)];

  expect(at(findingBeside(findings, 3000, 1))).toBe(6000);
  expect(at(findingBeside(findings, 3000, -1))).toBe(1000);
  expect(at(findingBeside(findings, 3400, -1))).toBe(1000);
  expect(at(findingBeside(findings, 3900, -1))).toBe(3000);
  expect(findingBeside(findings, 6000, 1)).toBeUndefined();
  expect(findingBeside(findings, 1000, -1)).toBeUndefined();
});

test('the nearest within reach is meant', () => {
  const findings = [finding(100, 200), finding(230)];

  expect(at(findingAt(findings, 150, 10))).toBe(100);
  expect(at(findingAt(findings, 208, 10))).toBe(100);
  expect(at(findingAt(findings, 222, 10))).toBe(230);
  expect(findingAt(findings, 300, 10)).toBeUndefined();
});

test('what was found is told in a line', () => {
  expect(findingText(finding(1000, 3500), 0)).toMatch(
    /^person \d\d:\d\d:01 · 2\.50 s · score up to 0\.90 · by people$/,
  );
  expect(foundText(undefined, false, undefined)).toBe('looking…');
  expect(foundText([], false, undefined)).toMatch(/^nothing/);
  expect(foundText([finding(1)], false, undefined)).toBe('1 finding');
  expect(foundText([finding(1), finding(2)], true, undefined)).toBe('the first 2 findings; zoom in for others');
  expect(foundText([finding(1)], false, 'no such index')).toBe('The search failed: no such index');
});
