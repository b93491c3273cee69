import { expect, test } from 'vitest';
import { queryWithResults, wantsResults } from './preference';

test('results are wanted unless the address says otherwise', () => {
  expect(wantsResults(new URLSearchParams(''))).toBe(true);
  expect(wantsResults(new URLSearchParams('results=off'))).toBe(false);
});

test('the address keeps what else it says', () => {
  const query = new URLSearchParams('codecs=jpeg');

  expect(queryWithResults(false, query)).toBe('?codecs=jpeg&results=off');
  expect(queryWithResults(true, new URLSearchParams('codecs=jpeg&results=off'))).toBe('?codecs=jpeg');
  expect(queryWithResults(true, new URLSearchParams())).toBe('');
});
