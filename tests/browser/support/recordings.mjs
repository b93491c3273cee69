import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './browser.mjs';
import { serve } from './program.mjs';
import { until } from './scope.mjs';

export function temporaryFolder(scope) {
  const folder = mkdtempSync(join(tmpdir(), 'framewire-'));
  scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function serveRecording(scope, data = temporaryFolder(scope)) {
  return serve(scope, { args: ['--record', '--data', data] });
}

export const slider = (page) => page.getByRole('slider', { name: 'Time shown' });
export const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

export async function clickAt(page, part) {
  const box = await slider(page).boundingBox();
  await slider(page).click({ position: { x: Math.max(2, box.width * part), y: 20 } });
}

/** Waits until the timeline spans so many seconds. */
export const untilRecorded = (page, seconds) =>
  until(`${seconds} s on the timeline`, async () => {
    if ((await slider(page).count()) === 0) return false;
    const [from, until] = await Promise.all(
      ['aria-valuemin', 'aria-valuemax'].map((name) => slider(page).getAttribute(name)),
    );
    // The timeline is ten seconds long at the least: what counts is how much of it is recorded.
    const spans = await page.evaluate(() => document.querySelector('fw-timeline').spans);
    const first = Number(spans[0]?.fromUnixMicros ?? 0) / 1e6;
    return Number(until) - Math.max(first, Number(from)) >= seconds;
  });

/** Waits for a counter on the canvas, and answers it. */
export async function untilCounter(page, what, isIt) {
  let last;
  await until(
    () => `the counter to be ${what}; it is ${last}`,
    async () => {
      last = await ask(page, 'counter', 'cam');
      return last !== undefined && isIt(last);
    },
    { limit: 20_000 },
  );
  return last;
}

/** Waits until the counter stays the same, and answers it. */
export async function untilStill(page) {
  let [last, times] = [undefined, 0];
  await until('the picture to stand still', async () => {
    const counter = await ask(page, 'counter', 'cam');
    times = counter !== undefined && counter === last ? times + 1 : 0;
    last = counter;
    return times > 8;
  });
  return last;
}
