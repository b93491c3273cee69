import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { probe } from './probe.mjs';
import { until } from './scope.mjs';

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (args = []) =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: [...switches, ...args], timeout: 60_000 });

/** One browser for the tests of a file. */
export function browserOfFile() {
  const file = { browser: undefined };
  before(async () => (file.browser = await launch()));
  after(() => file.browser?.close());
  return file;
}

/** A window that closes with the scope; the test fails if one of its pages complains of anything but what is `expected`. */
export async function newContext(scope, browser, { expected, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  scope.defer(() => context.close());
  context.setDefaultTimeout(30_000);
  await context.addInitScript(probe);
  const complaints = [];
  context.on('console', (message) => {
    const text = `${message.text()} (${message.location().url})`;
    if (message.type() === 'error' && !expected?.test(text)) complaints.push(text);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  scope.finally(() => assert.deepEqual(complaints, [], 'the page complains'));
  return context;
}

/** A page of its own window. */
export async function open(scope, browser, url, options) {
  const context = await newContext(scope, browser, options);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** What a function of the probe answers. */
export const ask = (page, name, stream) =>
  page.evaluate(([name, stream]) => window.probe[name](stream), [name, stream]);

/** Waits for a stream's state, with a picture if it is to be live. */
export async function untilState(page, stream, state, limit) {
  let last;
  await until(
    () => `"${stream}" to be ${state}; it is ${last}`,
    async () => (last = await ask(page, 'state', stream)) === state,
    { limit },
  );
}

/** Waits until a stream is live and its picture changes. */
export async function untilMoving(page, stream, limit) {
  await untilState(page, stream, 'live', limit);
  let first;
  await until(
    `the pixels of "${stream}" to change`,
    async () => {
      const pixels = await ask(page, 'pixels', stream);
      first ||= pixels;
      return first && pixels !== first;
    },
    { limit, every: 150 },
  );
}

/** Samples a stream's counter until so many values were seen; answers [counter, when] in the order of their appearance. */
export async function sampled(page, stream, count, limit = 40_000) {
  await page.evaluate((stream) => window.probe.sample(stream), stream);
  let seen = 0;
  await until(
    () => `${count} values of the counter of "${stream}" on screen; there were ${seen}`,
    async () => (seen = await page.evaluate(() => window.probe.samples.length)) >= count,
    { limit, every: 200 },
  );
  return page.evaluate(() => window.probe.samples);
}

/** The counter never goes backward. */
export function assertForward(samples, of) {
  for (let i = 1; i < samples.length; i++)
    assert.ok(samples[i][0] > samples[i - 1][0], `${of}: ${samples[i][0]} came after ${samples[i - 1][0]}`);
}
