import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserOfFile, open, untilMoving } from './support/browser.mjs';
import { publish, serve, start } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';

const file = browserOfFile();

/** A token with these rights, added to a file of tokens. */
async function token(scope, tokens, ...rights) {
  const run = start(scope, ['token', 'create', '--file', tokens, ...rights]);
  await until('a token', run.ended);
  assert.equal(run.child.exitCode, 0, run.err);
  return run.out.trim();
}

/** Presses a button after which the page loads again; asked before it has, the old page might never answer. */
const andLoads = (page, button) =>
  Promise.all([page.waitForEvent('load', { timeout: 30_000 }), page.getByRole('button', { name: button }).click()]);

scenario('Nobody sees anything without logging in, and who logs in sees what is his', async (scope) => {
  const folder = await mkdtemp(join(tmpdir(), 'framewire-login-'));
  scope.defer(() => rm(folder, { recursive: true }));
  const tokens = join(folder, 'tokens.json');
  const camera = await token(scope, tokens, '--publish', '*');
  const viewer = await token(scope, tokens, '--watch', 'cam', '--name', 'Anna <b>');
  const server = await serve(scope, { args: ['--tokens', tokens] });
  for (const name of ['cam', 'secret']) publish(scope, server, name, ['--size', '320x240', '--fps', '15'], { env: { FRAMEWIRE_TOKEN: camera } });
  const page = await open(scope, file.browser, server.web, { expected: /401 .*\/login/ });
  const field = page.getByLabel('Token');

  await field.fill('fw_abcdefgh_0123456789012345678901234567890123456789012');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('not known here').waitFor();
  assert.equal(await page.locator('[data-stream]').count(), 0);

  await field.fill(viewer);
  await andLoads(page, 'Log in');
  await untilMoving(page, 'cam');
  assert.equal(await page.locator('[data-stream]').count(), 1);
  assert.equal(await page.getByText('secret').count(), 0);
  const scriptsSee = await page.evaluate(() => [document.cookie, JSON.stringify({ ...localStorage, ...sessionStorage }), location.href].join());
  assert.ok(!scriptsSee.includes('fw_'), scriptsSee);

  await andLoads(page, 'Log out');
  await field.waitFor();
  assert.equal((await page.request.get(`${server.web}/streams`)).status(), 401);
});
