import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { browserOfFile, open, untilMoving } from './support/browser.mjs';
import { published, serve, streams } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';
import { clientOf, firstBreak, follow, spread } from './support/viewer.mjs';

const file = browserOfFile();
const crowd = 50;
const frames = 60;
const residentMegabytes = (pid) =>
  Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

scenario('Fifty viewers and the page see one stream, in order', async (scope) => {
  const server = await serve(scope);
  await published(scope, server, 'cam', ['--size', '320x240', '--fps', '15', '--encode', 'h264']);
  const page = await open(scope, file.browser, `${server.web}/view/cam`);
  await untilMoving(page, 'cam');
  const before = residentMegabytes(server.pid);

  const viewers = Array.from({ length: crowd }, () => follow(scope, clientOf(server), 'cam'));
  await until(
    () =>
      `${frames} frames for each of ${crowd} viewers; the least has ${Math.min(...viewers.map((v) => v.sequences.length))}`,
    () => viewers.every(({ sequences, error }) => error || sequences.length >= frames),
  );
  const status = (await streams(server)).get('cam');
  const after = residentMegabytes(server.pid);
  const gaps = viewers.reduce((sum, viewer) => sum + viewer.gaps.length, 0);
  console.log(`${crowd} viewers: first frame ${spread(viewers.map(({ firstAfter }) => firstAfter))}; ${gaps} gaps`);
  console.log(`server's memory: ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB with ${status.viewers} viewers`);

  for (const { sequences, error, gaps } of viewers) {
    assert.equal(error, undefined);
    if (!gaps.length) assert.equal(firstBreak(sequences), undefined);
    assert.ok(sequences.every((sequence, i) => i === 0 || sequence > sequences[i - 1]));
  }
  assert.ok(status.viewers >= crowd, `${status.viewers} viewers`);
  assert.ok(after - before < 150, `the server grew by ${after - before} MB`);
  await untilMoving(page, 'cam');

  await Promise.all(viewers.map((viewer) => viewer.stop()));
  await until('the server to have one viewer', async () => (await streams(server)).get('cam').viewers === 1);
});
