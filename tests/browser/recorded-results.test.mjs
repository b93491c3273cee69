import assert from 'node:assert/strict';
import { ask, browserOfFile, open, untilMoving, untilState } from './support/browser.mjs';
import { attach, Mode } from './support/processor.mjs';
import { published } from './support/program.mjs';
import {
  clickAt,
  press,
  serveRecording,
  slider,
  untilCounter,
  untilRecorded,
  untilStill,
} from './support/recordings.mjs';
import { scenario, until } from './support/scope.mjs';

const file = browserOfFile();
/** Whatever the machine has to do beside it, no frame is passed by. */
const lossless = ['--mode', 'lossless'];
const everyFrame = { credit: 8, mode: Mode.LOSSLESS };
const box = { x: 0.1, y: 0.2, width: 0.1, height: 0.2 };
/** The frame's sequence, in the label. */
const numbered = (sequence) => ({ detections: [{ label: `n${sequence}`, score: 0.5, box }] });
/** Two seconds without a cat, two with one. */
const period = 60;
const hasCat = (sequence) => Number(sequence) % period >= period / 2;
const cats = (sequence) => ({ detections: hasCat(sequence) ? [{ label: 'cat', score: 0.75, box }] : [] });

for (const codec of ['h264', 'jpeg'])
  scenario(`Recorded frames have the boxes that were seen in them, ${codec}`, async (scope) => {
    const server = await serveRecording(scope);
    attach(scope, server, 'numbers', numbered, everyFrame);
    await published(scope, server, 'cam', ['--size', '320x240', '--fps', '15', '--encode', codec, ...lossless]);
    const page = await open(scope, file.browser, `${server.web}/view/cam`);
    await untilMoving(page, 'cam');
    await untilRecorded(page, 8);

    await clickAt(page, 0.1);
    await untilState(page, 'cam', 'recorded');
    await page.evaluate(() => window.probe.sampleOverlay('cam', 0.3));
    let samples = [];
    await until(
      () => `twenty recorded frames with their boxes; the last is ${JSON.stringify(samples.at(-1))}`,
      async () => {
        samples = await page.evaluate(() => window.probe.overlays());
        return samples.filter(({ boxes }) => boxes.some(({ dashed }) => !dashed)).length >= 20;
      },
    );
    for (const { counter, sequence, boxes } of samples) {
      assert.equal(sequence, counter + 1, 'what is told of the frame on screen');
      for (const { label, sequence: of, dashed } of boxes)
        assert.deepEqual([label, dashed], [`n${of}`, of !== sequence], `on ${sequence}`);
    }

    await press(page, 'Pause');
    let counter = await untilStill(page);
    for (const [button, by] of [
      ['One frame forward', 1],
      ['One frame back', -1],
      ['One frame back', -1],
    ]) {
      await press(page, button);
      await untilCounter(page, counter + by, (shown) => shown === counter + by);
      counter += by;
      await untilBox(page, `n${counter + 1}`);
    }

    await press(page, 'Results');
    await until('the boxes to be gone', async () => (await boxesOf(page)) === undefined);
    await press(page, 'Results');
    await untilBox(page, `n${counter + 1}`);
    await press(page, 'Back to live');
    await untilCounter(page, 'a later one', (shown) => shown > counter + 30);
  });

scenario('Findings are on the timeline, and one goes from one to the next', async (scope) => {
  const server = await serveRecording(scope);
  attach(scope, server, 'people', cats, everyFrame);
  await published(scope, server, 'cam', ['--size', '320x240', '--fps', '15', '--encode', 'jpeg', ...lossless]);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilMoving(page, 'cam');
  await untilRecorded(page, 14);

  const field = page.getByRole('combobox', { name: 'Find' });
  await field.focus();
  await until('the label to be suggested', async () => (await page.locator('#labels-seen option').count()) === 1);
  assert.equal(await page.locator('#labels-seen option').getAttribute('value'), 'cat');
  await field.fill('cat');
  const findings = await until('three findings', async () => {
    const found = await foundOn(page);
    return found?.length >= 3 && found;
  });
  for (const { firstSequence, lastSequence } of findings)
    assert.ok(hasCat(firstSequence) && hasCat(lastSequence) && lastSequence - firstSequence < period / 2);
  assert.match(await page.locator('.find [role=status]').textContent(), /[3-9] findings/);

  await clickAt(page, 0.02);
  await untilState(page, 'cam', 'recorded');
  await press(page, 'Pause');
  await untilStill(page);
  const second = findings[1];
  await clickInLane(page, second);
  await untilCounter(page, 'where the second begins', (counter) => counter + 1 === second.firstSequence);

  await slider(page).press('n');
  await untilCounter(page, 'where the third begins', (counter) => counter + 1 === findings[2].firstSequence);
  await untilBox(page, 'cat');
  await page.getByRole('button', { name: 'Previous finding' }).click();
  await untilCounter(page, 'where the second begins', (counter) => counter + 1 === second.firstSequence);

  await page.getByRole('spinbutton', { name: 'Score from' }).fill('0.8');
  await page.getByText('nothing found in the time shown').waitFor();
  await field.fill('');
  await page.getByRole('spinbutton', { name: 'Score from' }).fill('');
  await until('the lane to be gone', async () => (await foundOn(page)) === undefined);
  assert.equal(await ask(page, 'state', 'cam'), 'recorded');
});

const boxesOf = (page) => page.evaluate(() => window.framewire.overlaid.get('cam')?.boxes.map(({ label }) => label));

const untilBox = (page, label) => until(`the box "${label}"`, async () => (await boxesOf(page))?.join() === label);

/** What the timeline has on its lane. */
const foundOn = (page) =>
  page.evaluate(() =>
    document.querySelector('fw-timeline').findings?.map(({ firstSequence, lastSequence, fromUnixMicros }) => ({
      firstSequence: Number(firstSequence),
      lastSequence: Number(lastSequence),
      from: Number(fromUnixMicros) / 1000,
    })),
  );

/** Clicks on a finding's mark, a little behind its beginning. */
async function clickInLane(page, { from }) {
  const { view, width } = await page.evaluate(() => {
    const { view, strip } = document.querySelector('fw-timeline');
    return { view, width: strip.clientWidth };
  });
  const x = ((from + 300 - view.from) / (view.until - view.from)) * width;
  await slider(page).click({ position: { x, y: 55 } });
}
