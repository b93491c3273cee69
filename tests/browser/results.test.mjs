import assert from 'node:assert/strict';
import { browserOfFile, open, untilMoving } from './support/browser.mjs';
import { attach } from './support/processor.mjs';
import { published, serve } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';
import { clientOf, follow } from './support/viewer.mjs';

const file = browserOfFile();
const patient = { env: { FRAMEWIRE_Publisher__AgeLimit: '00:00:05' } };
const shape = ['--size', '640x360', '--fps', '15'];
const box = { x: 0, y: 0.2, width: 0.1, height: 0.2 };
/** A line across the picture that goes through every box below, where no label is. */
const line = 0.35;

/** The frame's sequence, in the label and in the place of the box. */
const leftOf = (sequence) => 0.1 + (sequence % 64) / 100;
const numbered = (sequence) => ({
  detections: [
    {
      label: `n${sequence}`,
      score: 0.5,
      trackId: sequence,
      box: { ...box, x: leftOf(Number(sequence)) },
    },
  ],
});

for (const [what, codec, size, query, options] of [
  ['H.264', 'h264', '640x360', ''],
  ['H.264 that is made into JPEG', 'h264', '640x360', '?codecs=jpeg'],
  ['JPEG in a narrow window', 'jpeg', '640x360', '', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3 }],
  ['grey pictures with bars at their sides', 'gray', '640x480', '', { deviceScaleFactor: 1.5 }],
])
  scenario(`Each box is on the very frame that it was seen in: ${what}`, async (scope, t) => {
    const server = await serve(scope);
    attach(scope, server, 'numbers', numbered, { credit: 8 });
    await published(scope, server, 'cam', ['--size', size, '--fps', '15', '--encode', codec], patient);
    const page = await open(scope, file.browser, `${server.web}/view/cam${query}`, options);
    const samples = await overlaid(page, 60, ({ boxes }) => boxes.some(({ dashed }) => !dashed));

    for (const { counter, sequence, boxes, left } of samples) {
      // The test source counts from 0, sequences from 1.
      assert.equal(sequence, counter + 1, 'what is told of the frame on screen');
      for (const { label, trackId, dashed, ...box } of boxes) {
        assert.equal(label, `n${box.sequence}`);
        assert.equal(trackId, box.sequence);
        assert.equal(dashed, box.sequence !== sequence, `a box of ${box.sequence} on ${sequence}`);
        if (!dashed) assert.ok(Math.abs(left - leftOf(sequence)) < 0.008, `${left} on screen, not ${leftOf(sequence)}`);
      }
    }
    const own = samples.filter(({ boxes }) => boxes.some(({ dashed }) => !dashed));
    t.diagnostic(`${own.length} of ${samples.length} frames with boxes of their own`);
  });

scenario('The boxes of a slow processor stay, dashed, until the next ones or for half a second', async (scope) => {
  const server = await serve(scope);
  const slow = async (sequence) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return numbered(sequence);
  };
  attach(scope, server, 'numbers', slow);
  await published(scope, server, 'cam', [...shape, '--encode', 'jpeg'], patient);
  const { capturedAt } = follow(scope, clientOf(server), 'cam');
  const page = await open(scope, file.browser, `${server.web}/view/cam`);

  const samples = await overlaid(page, 20, ({ boxes }) => boxes.some(({ dashed }) => dashed));
  assert.ok(samples.some(({ boxes }) => boxes.some(({ dashed }) => !dashed)));
  for (const { sequence, boxes } of samples)
    for (const { sequence: of, dashed } of boxes) {
      assert.equal(dashed, of !== sequence);
      const [seen, shown] = [of, sequence].map((sequence) => capturedAt.get(sequence));
      if (seen === undefined || shown === undefined) continue;
      assert.ok(shown >= seen && shown - seen <= 500, `a box of ${of} on ${sequence}`);
    }
});

scenario('What is not wanted is not shown, and stays so', async (scope) => {
  const server = await serve(scope);
  attach(scope, server, 'numbers', numbered, { credit: 8 });
  await published(scope, server, 'cam', [...shape, '--encode', 'jpeg'], patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilBoxes(page, (boxes) => boxes.length > 0);

  const button = page.getByRole('button', { name: 'Results', exact: true });
  await button.focus();
  await page.keyboard.press('Space');
  await until('the boxes to be gone', async () => (await boxesOf(page)) === undefined);
  assert.equal(await button.getAttribute('aria-pressed'), 'false');
  assert.equal(await page.getByRole('heading', { name: 'Results' }).count(), 0);
  assert.match(page.url(), /\?results=off$/);

  await page.reload();
  await untilMoving(page, 'cam');
  await until('the button', () => button.isVisible());
  assert.equal(await button.getAttribute('aria-pressed'), 'false');
  assert.equal(await boxesOf(page), undefined);
  await button.click();
  await untilBoxes(page, (boxes) => boxes.length > 0);
  assert.equal(new URL(page.url()).search, '');
});

scenario('What a processor says is text, and too much of it does no harm', async (scope) => {
  const server = await serve(scope);
  const html = '<img src=x onerror=alert(1)>';
  const many = Array.from({ length: 1000 }, (_, i) => ({
    ...{
      label: i % 50 ? `<b>${i % 20}` : html,
      score: i,
      trackId: BigInt(i),
    },
    box: {
      x: (i % 40) / 40 - 0.1,
      y: Math.floor(i / 40) / 25,
      width: i % 7 ? 0.02 : 1e30,
      height: 0.03,
    },
  }));
  const look = () => ({
    optionalReply: { case: 'reply', value: -7 },
    detections: [...many.slice(0, 999), { label: html, score: 0.25 }],
    values: { [html]: html, plain: '"quoted" & more' },
  });
  attach(scope, server, 'hostile', look);
  await published(scope, server, 'cam', ['--size', '320x240', '--fps', '10', '--encode', 'jpeg'], patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilBoxes(page, (boxes) => boxes.length === 999);

  const results = page.locator('.results');
  await until('the values', async () => (await results.textContent()).includes('"quoted" & more'));
  assert.ok((await results.textContent()).includes(html));
  assert.match(await results.textContent(), /Reply\s*-7/);
  assert.equal(await page.locator('img').count(), 0);
  await untilMoving(page, 'cam');
});

scenario('A processor that crashes is told, and so is its coming back', async (scope) => {
  const server = await serve(scope);
  const first = attach(scope, server, 'people', numbered);
  await published(scope, server, 'cam', [...shape, '--encode', 'jpeg'], patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  const facts = page.locator('.processors');
  await until('the processor', async () => /people\s+attached/.test(await facts.textContent()));
  const alert = page.getByRole('alert').filter({ hasText: 'people' });
  assert.equal(await alert.count(), 0);

  await first.crash();
  await until('the alert', async () => (await alert.count()) > 0);
  assert.match(await alert.textContent(), /Processor people is absent/);
  await until('its state', async () => /people\s+absent/.test(await facts.textContent()));
  const wall = await open(scope, file.browser, server.web);
  await wall.getByText('people absent').waitFor();

  attach(scope, server, 'people', numbered);
  await until('the alert to be over', async () => (await alert.count()) === 0);
  await wall.getByText('processed', { exact: true }).waitFor();
});

scenario('The page of a stream that nobody processes says nothing of it', async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', [...shape, '--encode', 'jpeg'], patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilMoving(page, 'cam');

  assert.equal(await page.getByRole('button', { name: 'Results' }).count(), 0);
  assert.equal(await page.getByRole('heading', { name: 'Processors' }).count(), 0);
});

/** What was drawn over frames, as soon as so many of them are as told. */
async function overlaid(page, count, isIt) {
  await page.evaluate((line) => window.probe.sampleOverlay('cam', line), line);
  let samples = [];
  await until(
    () => `${count} such frames; ${samples.length} have come: ${JSON.stringify(samples.at(-1))}`,
    async () => {
      samples = await page.evaluate(() => window.probe.overlays());
      return samples.filter(isIt).length >= count;
    },
    { limit: 60_000, every: 300 },
  );
  return samples;
}

const boxesOf = (page) =>
  page.evaluate(() => window.framewire.overlaid.get('cam')?.boxes.map(({ label, dashed }) => ({ label, dashed })));

const untilBoxes = (page, isIt) => until('boxes', async () => isIt((await boxesOf(page)) ?? []));
