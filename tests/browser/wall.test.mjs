import assert from 'node:assert/strict';
import { ask, browserOfFile, open, untilMoving, untilState } from './support/browser.mjs';
import { clip, publish, published, serve } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';

const file = browserOfFile();
const small = ['--size', '320x240', '--fps', '15'];

scenario('A tile appears for each stream, whatever its codec, and its pixels change', async (scope) => {
  const server = await serve(scope);
  const codecs = ['jpeg', 'h264', 'gray', 'bgr'];
  await Promise.all(codecs.map((codec) => published(scope, server, codec, [...small, '--encode', codec])));
  const page = await open(scope, file.browser, server.web);

  for (const codec of codecs) await untilMoving(page, codec);
  assert.equal(await page.locator('[data-stream]').count(), codecs.length);
});

scenario('The H.264 of a clip, passed through, is shown beside the test pattern', async (scope, t) => {
  const source = clip('car-detection.mp4');
  if (!source) return t.skip('there is no ../shared/clips beside the checkout');
  const server = await serve(scope);
  await published(scope, server, 'road', ['--encode', 'copy', '--loop'], { source });
  await published(scope, server, 'pattern', [...small, '--encode', 'h264']);
  const page = await open(scope, file.browser, server.web);

  await untilMoving(page, 'road');
  await untilMoving(page, 'pattern');
});

scenario('A stream whose publisher was killed is offline, and live again without a reload', async (scope) => {
  const server = await serve(scope);
  const publisher = await published(scope, server, 'cam', small);
  const page = await open(scope, file.browser, server.web);
  await untilMoving(page, 'cam');
  await page.evaluate(() => (window.marker = 'still here'));

  await publisher.end('SIGKILL');
  await untilState(page, 'cam', 'offline');
  assert.match(await ask(page, 'word', 'cam'), /^offline since \d\d:\d\d:\d\d · lost$/);

  publish(scope, server, 'cam', small);
  await untilMoving(page, 'cam');
  assert.equal(await page.evaluate(() => window.marker), 'still here');
});

scenario('A stream that comes while the page is open gets a tile, and is offline when it ends', async (scope) => {
  const server = await serve(scope);
  const page = await open(scope, file.browser, server.web);
  await until('the page to say how to publish', () => page.getByText('No streams yet').isVisible());

  publish(scope, server, 'first', small);
  await untilMoving(page, 'first');
  const second = publish(scope, server, 'second', small);
  await untilMoving(page, 'second');

  assert.equal(await second.end('SIGINT'), 0, second.err);
  await untilState(page, 'second', 'offline');
  assert.match(await ask(page, 'word', 'second'), /^offline since \d\d:\d\d:\d\d · ended$/);
  await untilMoving(page, 'first');
});

scenario('A wall of eight streams is live over plain HTTP', async (scope) => {
  const server = await serve(scope);
  const names = Array.from({ length: 8 }, (_, i) => `cam-${i + 1}`);
  const tiny = ['--size', '160x120', '--fps', '5', '--encode', 'gray'];
  for (const name of names) await published(scope, server, name, tiny);
  const page = await open(scope, file.browser, server.web, { viewport: { width: 1280, height: 2000 } });

  for (const name of names) await untilMoving(page, name);
});
