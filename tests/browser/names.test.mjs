import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import { browserOfFile, open } from './support/browser.mjs';
import { serve, start, streams } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';
import { clientOf } from './support/viewer.mjs';

const file = browserOfFile();
const hostile = '<img src=x onerror=alert(1)>';

scenario('A name that is markup is shown as text', async (scope) => {
  const server = await serve(scope);
  const page = await open(scope, file.browser, `${server.web}/view/%3Cimg%20src=x%20onerror=alert(1)%3E`);

  await until('the name on the page', () => page.getByRole('heading', { name: hostile }).isVisible());
  assert.equal(await page.locator('img').count(), 0);
  // Had it been taken for markup, the error of the image would have come by now.
  await page.evaluate(() => fetch('/healthz'));
});

scenario('A search for markup is shown as text', async (scope) => {
  const server = await serve(scope);
  const page = await open(scope, file.browser, `${server.web}/?search=${encodeURIComponent(`"${hostile}`)}`);

  await until('the wall', () => page.getByRole('searchbox').isVisible());
  assert.equal(await page.getByRole('searchbox').inputValue(), `"${hostile}`);
  assert.equal(await page.locator('img').count(), 0);
});

scenario('Nobody can watch or publish under a name that is markup', async (scope) => {
  const server = await serve(scope);
  const requests = [
    { stream: hostile },
    { stream: hostile, wait: true },
    { stream: 'a', wait: true, moreStreams: [hostile] },
  ];
  for (const request of requests) {
    const watch = async () => {
      for await (const _ of clientOf(server).watch(request, { timeoutMs: 10_000 })) assert.fail('something came');
    };
    await assert.rejects(watch(), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.InvalidArgument, error.message);
      return true;
    });
  }

  const publisher = start(scope, ['publish', 'test', '--frames', '5', '--to', server.grpc, '--stream', hostile]);
  await until('the publisher to give up', publisher.ended);
  assert.equal(publisher.child.exitCode, 2, publisher.err);
  assert.ok([...(await streams(server)).values()].every(({ name, frames }) => name !== hostile && frames === 0));
});
