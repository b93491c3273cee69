import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserOfFile, newContext, untilMoving } from './support/browser.mjs';
import { publish, serve } from './support/program.mjs';
import { scenario } from './support/scope.mjs';

const file = browserOfFile();

scenario('Eight tabs, more than HTTP/1.1 has connections, are live over TLS', async (scope) => {
  const { certificate, key } = selfSigned(scope);
  const server = await serve(scope, { args: ['--cert', certificate, '--key', key] });
  assert.match(server.web, /^https:/);
  publish(scope, server, 'cam', ['--size', '320x240', '--fps', '10', '--ca', certificate]);
  const context = await newContext(scope, file.browser, { ignoreHTTPSErrors: true });

  const pages = [];
  for (let i = 0; i < 8; i++) {
    const page = await context.newPage();
    await page.goto(i ? `${server.web}/view/cam` : server.web);
    pages.push(page);
  }
  for (const page of pages) await untilMoving(page, 'cam');
  const protocol = () => performance.getEntriesByType('navigation')[0].nextHopProtocol;
  assert.equal(await pages[0].evaluate(protocol), 'h2');
});

function selfSigned(scope) {
  const folder = mkdtempSync(join(tmpdir(), 'framewire-'));
  scope.defer(() => rmSync(folder, { recursive: true }));
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  return { certificate, key };
}
