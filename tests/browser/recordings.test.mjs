import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, browserOfFile, open, untilMoving, untilState } from './support/browser.mjs';
import { publish, published, serve } from './support/program.mjs';
import {
  clickAt,
  press,
  serveRecording,
  slider,
  temporaryFolder,
  untilCounter,
  untilRecorded,
  untilStill,
} from './support/recordings.mjs';
import { scenario, until } from './support/scope.mjs';

const file = browserOfFile();
/** The publisher may wait longer than it would: a stall of this machine is not what is looked for. */
const patient = { env: { FRAMEWIRE_Publisher__AgeLimit: '00:00:05' } };
const h264 = ['--size', '640x360', '--fps', '15', '--encode', 'h264'];

for (const codec of ['h264', 'jpeg', 'gray'])
  scenario(`The past is sought, stepped through and left again, ${codec}`, async (scope) => {
    const server = await serveRecording(scope);
    await published(scope, server, 'cam', ['--size', '320x240', '--fps', '15', '--encode', codec], patient);
    const page = await open(scope, file.browser, `${server.web}/view/cam`);
    await untilMoving(page, 'cam');
    await untilRecorded(page, 6);
    assert.match(await slider(page).getAttribute('aria-valuetext'), /^live/);

    const live = await ask(page, 'counter', 'cam');
    await clickAt(page, 0.1);
    await untilState(page, 'cam', 'recorded');
    const past = await untilCounter(page, `one before ${live}`, (counter) => counter < live);
    await untilCounter(page, 'the next ones', (counter) => counter > past + 5);
    assert.match(await page.locator('.past').textContent(), /^RECORDED .*\d\d:\d\d:\d\d\.\d{3}$/);
    assert.match(await slider(page).getAttribute('aria-valuetext'), /recorded/);

    await press(page, 'Pause');
    const still = await untilStill(page);
    for (const [button, by] of [
      ['One frame forward', 1],
      ['One frame forward', 2],
      ['One frame back', 1],
      ['One frame back', 0],
      ['One frame back', -1],
      ['One frame forward', 0],
    ]) {
      await press(page, button);
      await untilCounter(page, still + by, (counter) => counter === still + by);
    }
    // Back over what was played, where the server must be asked again, as far as there is something.
    for (const counter of (await countersBefore(page, still)).slice(0, 20)) {
      await press(page, 'One frame back');
      await untilCounter(page, counter, (shown) => shown === counter);
    }
    await press(page, 'Play');
    await untilCounter(page, 'the next ones', (counter) => counter > still);

    await press(page, 'Back to live');
    await untilMoving(page, 'cam');
    await untilCounter(page, `one after ${live}`, (counter) => counter > live);
    assert.equal(await page.locator('.past').count(), 0);
  });

scenario('A gap is told with its reason, and not waited out', async (scope) => {
  const server = await serveRecording(scope);
  const first = await published(scope, server, 'cam', h264, patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilRecorded(page, 4);
  await first.end('SIGKILL');
  await untilState(page, 'cam', 'offline');
  const killedAt = Date.now();
  await until('the gap to be long', () => Date.now() - killedAt > 6000, { every: 200 });
  publish(scope, server, 'cam', h264, patient);
  await untilMoving(page, 'cam');

  const summary = page.locator('.gaps summary');
  await until('the gap in the list', async () => /\([1-9]\d*\)/.test(await summary.textContent()));
  await summary.click();
  const rows = page.locator('.gaps tbody tr');
  const reasons = (await rows.allTextContents()).map((text) => text.trim());
  assert.ok(
    reasons.some((text) => /no publisher$/.test(text)),
    reasons.join('; '),
  );

  await untilRecorded(page, 15);
  await clickAt(page, 0.02);
  await until('playback to tell what is missing', async () =>
    /^\d.* missing/.test((await ask(page, 'word', 'cam')) ?? ''),
  );
  // Less time than the gap is long: playback went over it, into the counter that began anew.
  assert.ok((await ask(page, 'counter', 'cam')) < 60);
});

scenario('What is in view is exported as an MP4', async (scope) => {
  const server = await serveRecording(scope);
  await published(scope, server, 'cam', h264, patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilRecorded(page, 5);

  const href = await page.getByRole('link', { name: /^Export MP4/ }).getAttribute('href');
  assert.match(href, /^\/recordings\/cam\/export\.mp4\?from=\d{16}&until=\d{16}$/);
  const response = await fetch(server.web + href, { signal: AbortSignal.timeout(30_000) });
  assert.equal(response.status, 200);
  const folder = temporaryFolder(scope);
  const path = join(folder, 'cam.mp4');
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  const probed = execFileSync('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-count_packets'],
    ...['-show_entries', 'stream=codec_name,width,nb_read_packets', '-of', 'csv=p=0', path],
  ]);
  const [codec, width, frames] = probed.toString().trim().split(',');
  assert.deepEqual([codec, width], ['h264', '640']);
  assert.ok(Number(frames) > 30, `${frames} frames`);
});

scenario('A stretch is chosen by a drag with shift; keys move, zoom and come back', async (scope) => {
  const server = await serveRecording(scope);
  await published(scope, server, 'cam', h264, patient);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilRecorded(page, 5);

  const link = page.getByRole('link', { name: /^Export MP4/ });
  const box = await slider(page).boundingBox();
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + box.width * 0.1, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  const chosen = await link.getAttribute('href');
  await untilRecorded(page, 8);
  assert.equal(await link.getAttribute('href'), chosen, 'what was chosen does not go along');
  assert.equal(await ask(page, 'state', 'cam'), 'live', 'a drag does not seek');

  await slider(page).focus();
  await page.keyboard.press('Home');
  await untilState(page, 'cam', 'recorded');
  const summary = page.locator('.timeline-head .summary');
  const before = await summary.textContent();
  for (let i = 0; i < 3; i++) await page.keyboard.press('+');
  await until('the view to be shorter', async () => (await summary.textContent()) !== before);
  await page.keyboard.press('End');
  await untilMoving(page, 'cam');
});

scenario('What nobody publishes any more is on the wall, and shows its last picture', async (scope) => {
  const data = temporaryFolder(scope);
  const first = await serveRecording(scope, data);
  const publisher = await published(scope, first, 'cam', [...h264, '--frames', '60'], patient);
  await until('the end of the publisher', publisher.ended);
  first.child.kill('SIGTERM');
  await until('the end of the server', first.ended);

  const server = await serveRecording(scope, data);
  const page = await open(scope, file.browser, server.web);
  await page.getByRole('heading', { name: 'Recorded' }).waitFor();
  await page.getByRole('link', { name: 'cam' }).click();
  await untilState(page, 'cam', 'recorded');
  const last = await untilCounter(page, 'one of the last', (counter) => counter > 50);
  await press(page, 'One frame back');
  await untilCounter(page, last - 1, (counter) => counter === last - 1);
});

scenario('A server that does not record shows nothing of it', async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', h264, patient);
  const page = await open(scope, file.browser, server.web);
  await untilMoving(page, 'cam');
  assert.equal(await page.getByText('not recorded').count(), 1);
  assert.equal(await page.getByRole('heading', { name: 'Recorded' }).count(), 0);

  await page.goto(`${server.web}/view/cam`);
  await untilMoving(page, 'cam');
  assert.equal(await slider(page).count(), 0);
});

/** The counters of the recorded frames before one, the next lower first: the test source counts from 0, sequences from 1. */
const countersBefore = (page, counter) =>
  page.evaluate((counter) => {
    const counters = document
      .querySelector('fw-timeline')
      .spans.flatMap(({ firstSequence, lastSequence }) =>
        Array.from({ length: Number(lastSequence - firstSequence) + 1 }, (_, i) => Number(firstSequence) + i - 1),
      );
    return counters.filter((other) => other < counter).reverse();
  }, counter);
