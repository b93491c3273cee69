// Takes the pictures of the docs: npm run screenshots -- FOLDER
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, newContext, untilMoving, untilState } from './support/browser.mjs';
import { clip, published, serve } from './support/program.mjs';
import { Scope, until } from './support/scope.mjs';

const folder = process.argv[2];
if (!folder) {
  console.error('Say where the pictures go: npm run screenshots -- FOLDER');
  process.exit(2);
}
/** So long a page is open before its picture is taken: the graphs have something to show then. */
const lead = 12_000;
/** The pictures are of a machine that has nothing else to do, which this one has: no frame is dropped for being late. */
const env = { FRAMEWIRE_Publisher__AgeLimit: '00:00:05' };
const large = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
const lively = ['front-door', 'garage', 'lab', 'road'];

const scope = new Scope();
try {
  mkdirSync(folder, { recursive: true });
  const browser = await launch();
  scope.defer(() => browser.close());
  const data = mkdtempSync(join(tmpdir(), 'framewire-'));
  scope.defer(() => rmSync(data, { recursive: true, force: true }));
  const server = await serve(scope, { args: ['--record', '--data', data, '--process', 'motion=road'] });
  await publishAll(server);

  const shots = ['light', 'dark'].flatMap((colorScheme) => [
    { name: `wall-${colorScheme}`, path: '/', colorScheme, streams: lively },
    { name: `view-${colorScheme}`, path: '/view/road', colorScheme, streams: ['road'], viewport: large, find: 'motion' },
  ]);
  shots.push({ name: 'phone-wall', path: '/', colorScheme: 'light', viewport: phone, streams: ['front-door'] });
  for (const shot of shots) await take(browser, server, shot);
  await scope.check();
} finally {
  await scope.end();
}

async function publishAll(server) {
  const gate = await published(scope, server, 'gate', ['--size', '640x480', '--encode', 'jpeg', '--frames', '40'], {
    env,
  });
  await until('the end of "gate"', gate.ended);
  await published(scope, server, 'front-door', ['--encode', 'h264'], { env });
  await published(scope, server, 'garage', ['--size', '640x480', '--fps', '25', '--encode', 'jpeg'], { env });
  await published(scope, server, 'lab', ['--size', '640x480', '--fps', '15', '--encode', 'gray'], { env });
  const source = clip('car-detection.mp4');
  const args = source ? ['--encode', 'copy', '--loop'] : ['--size', '768x432', '--encode', 'h264'];
  const road = (more) => published(scope, server, 'road', [...args, ...more], { ...(source && { source }), env });
  // It went away for a while: the timeline has a gap to show.
  const before = await road(['--frames', '240']);
  await until('the end of the first "road"', before.ended);
  await road([]);
}

async function take(browser, server, { name, path, colorScheme, viewport, streams, find }) {
  const context = await newContext(scope, browser, {
    colorScheme,
    deviceScaleFactor: 1,
    ...(viewport && { viewport }),
  });
  const page = await context.newPage();
  await page.goto(server.web + path);
  const openedAt = Date.now();
  for (const stream of streams) await untilMoving(page, stream);
  if (path === '/') await untilState(page, 'gate', 'offline');
  const field = page.getByRole('combobox', { name: 'Find' });
  if (find) await field.fill(find).then(() => field.blur());
  await until('the page to have been open for a while', () => Date.now() - openedAt > lead, { every: 200 });
  // Something worth a box is in the middle of the picture.
  if (find && clip('car-detection.mp4'))
    await until('a car', () => page.evaluate(isBoxed, streams[0]), { limit: 60_000, every: 20 });
  const file = join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  await page.close();
  console.log(file);
}

function isBoxed(stream) {
  const boxes = window.framewire.overlaid.get(stream)?.boxes ?? [];
  return boxes.some(({ dashed, y, width, height }) => !dashed && y > 0.1 && width < 0.4 && height > 0.4 && y + height < 0.9);
}
