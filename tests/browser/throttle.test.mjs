import assert from 'node:assert/strict';
import { ask, assertForward, browserOfFile, open, untilMoving } from './support/browser.mjs';
import { published, serve, streams } from './support/program.mjs';
import { relay } from './support/relay.mjs';
import { scenario, until } from './support/scope.mjs';
import { clientOf, firstBreak, follow } from './support/viewer.mjs';

const file = browserOfFile();

scenario('A viewer behind a slow link falls behind alone, and is live again when the link is', async (scope) => {
  const server = await serve(scope);
  // 14 MB/s. The publisher may wait longer than it would: a stall of this machine is not what is looked for.
  const heavy = ['--encode', 'bgr', '--size', '640x480', '--fps', '15', '--json'];
  const publisher = await published(scope, server, 'cam', heavy, {
    env: { FRAMEWIRE_Publisher__AgeLimit: '00:00:03' },
  });
  const link = await relay(scope, server);
  const page = await open(scope, file.browser, `${link.web}/view/cam`);
  const other = follow(scope, clientOf(server), 'cam');
  await untilMoving(page, 'cam');
  await page.evaluate(() => window.probe.sample('cam'));

  const throttledAt = Date.now();
  link.limit(1e6);
  const jumps = () => page.evaluate(() => window.framewire.jumps);
  await until('the slow viewer to be late', async () => (await jumps()) > 0 || (await ask(page, 'isOver', 'cam')));
  // As long as it takes for a publisher that is held up to drop frames, twice.
  await until('the slow link to last', () => Date.now() - throttledAt > 6000, { every: 200 });
  const [age, jumped] = [await ask(page, 'age', 'cam'), await jumps()];

  const restoredAt = Date.now();
  link.limit(Infinity);
  await until('the viewer to be live again', async () => {
    const [age, isOver] = [await ask(page, 'age', 'cam'), await ask(page, 'isOver', 'cam')];
    return age < 1000 && !isOver;
  });
  const back = Date.now() - restoredAt;
  await untilMoving(page, 'cam');
  console.log(
    `slow link for ${restoredAt - throttledAt} ms: age ${age} ms, ${jumped} jumps, live again ${back} ms after its end; ` +
      `the other viewer had ${other.sequences.length} frames`,
  );

  assertForward(await page.evaluate(() => window.probe.samples), 'across jumps');
  assert.equal(other.error, undefined);
  assert.deepEqual(other.gaps, []);
  assert.equal(firstBreak(other.sequences), undefined);
  assert.equal((await streams(server)).get('cam').missing, 0);
  assert.equal(await publisher.end('SIGINT'), 0, publisher.err);
  assert.deepEqual(JSON.parse(publisher.out).dropped, {});
});
