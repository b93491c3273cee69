import { assertForward, browserOfFile, open, sampled } from './support/browser.mjs';
import { published, serve } from './support/program.mjs';
import { scenario } from './support/scope.mjs';

const file = browserOfFile();

for (const codec of ['h264', 'jpeg'])
  scenario(`The counter on screen grows and never goes backward, ${codec}`, async (scope) => {
    const server = await serve(scope);
    await published(scope, server, 'cam', ['--size', '640x360', '--encode', codec]);
    const page = await open(scope, file.browser, `${server.web}/view/cam`);

    assertForward(await sampled(page, 'cam', 100), codec);
  });
