import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { assertForward, browserOfFile, launch, open, sampled } from './support/browser.mjs';
import { published, serve } from './support/program.mjs';
import { scenario } from './support/scope.mjs';

const file = browserOfFile();
const h264 = ['--size', '640x360', '--fps', '15', '--encode', 'h264'];

scenario('H.264 is shown as JPEG when the address asks for it', async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', h264);
  const page = await open(scope, file.browser, `${server.web}/view/cam?codecs=jpeg`);

  assertForward(await sampled(page, 'cam', 40), 'as JPEG');
  assert.equal(await codecOnScreen(page), 3);
});

scenario('H.264 is shown as H.264 where the browser can', async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', h264);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);

  await sampled(page, 'cam', 10);
  assert.equal(await codecOnScreen(page), 4);
});

scenario('H.264 is shown on a page from plain HTTP of another host, which has no WebCodecs', async (scope) => {
  const server = await serve(scope, { web: '0.0.0.0:0', args: ['--insecure'] });
  await published(scope, { ...server, web: `http://127.0.0.1:${server.port}` }, 'cam', h264);
  const address = Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  const browser = address ? file.browser : await launch(['--host-resolver-rules=MAP cam.example 127.0.0.1']);
  if (!address) scope.defer(() => browser.close());
  const page = await open(scope, browser, `http://${address ?? 'cam.example'}:${server.port}/view/cam`);

  assert.equal(await page.evaluate(() => isSecureContext || 'VideoDecoder' in window), false);
  assertForward(await sampled(page, 'cam', 40), 'without WebCodecs');
});

/** The codec of the frames as they come to the page, as in frame.proto. */
const codecOnScreen = (page) => page.evaluate(() => document.querySelector('fw-player').player.format.codec);
