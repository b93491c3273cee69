import assert from 'node:assert/strict';
import { assertForward, browserOfFile, newContext, open, sampled } from './support/browser.mjs';
import { published, serve } from './support/program.mjs';
import { scenario, until } from './support/scope.mjs';
import { clientOf, follow, percentile, spread } from './support/viewer.mjs';

const file = browserOfFile();

// Reading the canvas costs the page some time itself, for H.264 tens of milliseconds: what is printed is the worse for it.
for (const codec of ['h264', 'jpeg'])
  scenario(`A frame is on screen soon after its capture, ${codec}`, async (scope) => {
    const server = await serve(scope);
    await published(scope, server, 'cam', ['--size', '1280x720', '--fps', '30', '--encode', codec]);
    const other = follow(scope, clientOf(server), 'cam');
    const page = await open(scope, file.browser, `${server.web}/view/cam`);
    const samples = await sampled(page, 'cam', 230);
    const ageOf = ([counter, at]) => at - other.capturedAt.get(counter + 1);

    // The first are a late joiner's: they come from before the page was there.
    const ages = samples
      .slice(30)
      .map(ageOf)
      .filter((age) => !Number.isNaN(age));
    const caughtUp = samples.findIndex((sample) => ageOf(sample) < 250);
    const jumps = await page.evaluate(() => window.framewire.jumps);
    const seconds = (samples.at(-1)[1] - samples[30][1]) / 1000;
    console.log(
      `capture to screen, ${codec} 1280x720 30 fps: ${spread(ages)} of ${ages.length} frames, ` +
        `${((samples.length - 31) / seconds).toFixed(1)} a second on screen, ${jumps} jumps, ` +
        `less than 250 ms old from picture ${caughtUp + 1} on`,
    );
    assertForward(samples, codec);
    assert.ok(ages.length >= 100, `only ${ages.length} frames were measured`);
    assert.ok(percentile(ages, 0.5) < 1000, `the median is ${percentile(ages, 0.5)} ms`);
  });

for (const codec of ['h264', 'jpeg'])
  scenario(`A late joiner has a picture at once, ${codec}`, async (scope) => {
    const server = await serve(scope);
    await published(scope, server, 'cam', ['--size', '1280x720', '--fps', '30', '--encode', codec]);
    const first = follow(scope, clientOf(server), 'cam');
    await until('a viewer who was there before', () => first.sequences.length > 60);
    const joiners = [];
    for (let n = 0; n < 5; n++) {
      joiners.push(follow(scope, clientOf(server), 'cam'));
      await until('the first frame of a viewer in Node', () => joiners.at(-1).firstAfter !== undefined, { every: 2 });
    }

    const page = await (await newContext(scope, file.browser)).newPage();
    const startedAt = Date.now();
    await page.goto(`${server.web}/view/cam`);
    const drawn = await page.waitForFunction(() => window.framewire?.drawn.get('cam')?.drawnAt);
    const drawnAfter = (await drawn.jsonValue()) - startedAt;
    console.log(
      `late joiner, ${codec}: first frame of a call after ${spread(joiners.map(({ firstAfter }) => firstAfter))}, ` +
        `picture on screen ${drawnAfter.toFixed(0)} ms after the navigation began`,
    );
    assert.ok(drawnAfter < 30_000);
  });
