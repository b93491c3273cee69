import { expect, test } from 'vitest';
import { ServerClock } from './clock';

test('the offset is the server time less the middle of the exchange', () => {
  const clock = new ServerClock();
  clock.learn(1000, 1100, 6050);

  expect(clock.offset).toBe(5000);
  expect(clock.atServer(2000)).toBe(7000);
});

test('the shortest round trip is believed, and of equals the latest', () => {
  const clock = new ServerClock();
  clock.learn(1000, 1010, 6005);
  clock.learn(2000, 2400, 7390);
  expect(clock.offset).toBe(5000);

  clock.learn(3000, 3010, 8006);
  expect(clock.offset).toBe(5001);
});

test('a good sample is forgotten after twenty others', () => {
  const clock = new ServerClock();
  clock.learn(0, 2, 101);
  for (let i = 0; i < 20; i++) clock.learn(1000, 1010, 1205);

  expect(clock.offset).toBe(200);
});

test('nothing is known before the first exchange, nor after forgetting', () => {
  const clock = new ServerClock();
  expect([clock.known, clock.offset]).toEqual([false, 0]);

  clock.learn(0, 2, 101);
  clock.forget();
  expect([clock.known, clock.offset]).toEqual([false, 0]);
});

test('one exchange tells the time, and three make it good', () => {
  const clock = new ServerClock();
  clock.learn(0, 400, 1000);
  clock.learn(1000, 1010, 1805);
  expect([clock.known, clock.settled]).toEqual([true, false]);

  clock.learn(2000, 2020, 2810);
  expect([clock.settled, clock.offset]).toEqual([true, 800]);
});
