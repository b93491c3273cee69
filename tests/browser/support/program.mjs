import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './scope.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = process.env.FRAMEWIRE ?? here('../../../src/Framewire.Cli/bin/Release/net10.0/framewire.dll');
const clips = here('../../../../shared/clips/');

/** The path of a clip; undefined without the folder of clips. */
export const clip = (name) => (existsSync(clips + name) ? clips + name : undefined);

/** Every process started here leads a group of its own, so that its children go with it. */
const running = new Set();
const killGroup = (child) => {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of them are gone.
  }
};
process.once('exit', () => running.forEach(killGroup));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/** Starts the program; it is killed when the scope ends. */
export function start(scope, args, env = {}) {
  if (!existsSync(program)) throw new Error(`there is no ${program}: build it, or name another in FRAMEWIRE`);
  const child = spawn('dotnet', [program, ...args], { detached: true, env: { ...process.env, ...env } });
  const run = { child, pid: child.pid, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (run.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (run.err = (run.err + text).slice(-20_000)));
  run.ended = () => child.exitCode !== null || child.signalCode !== null;
  /** Sends a signal and waits for the end. */
  run.end = async (signal, limit = 15_000) => {
    if (!run.ended()) child.kill(signal);
    await until(`the end of "${args.join(' ')}" by ${signal}`, run.ended, { limit });
    return child.exitCode;
  };
  running.add(child);
  scope.defer(async () => {
    const closed = run.ended() ? undefined : once(child, 'exit');
    killGroup(child);
    await closed;
    running.delete(child);
  });
  return run;
}

/** Starts a server on free ports: `grpc` and `web` are its addresses. */
export async function serve(scope, { web = '127.0.0.1:0', args = [] } = {}) {
  const run = start(scope, ['serve', '--listen', '127.0.0.1:0', '--web', web, ...args]);
  const addresses = await until(
    () => `the server to say where it listens; it said: ${run.err}`,
    () => {
      const line = run.err.split('\n').find((text) => text.startsWith('Taking frames on'));
      return line?.match(/https?:\/\/[^\s,/]+/g) ?? (run.ended() && Promise.reject(new Error(`no server: ${run.err}`)));
    },
  );
  const [grpc, page] = addresses;
  return { ...run, grpc, web: page, port: new URL(page).port };
}

/** What GET /streams says, by name. */
export async function streams(server) {
  const response = await fetch(`${server.web}/streams`, { signal: AbortSignal.timeout(10_000) });
  return new Map((await response.json()).map((stream) => [stream.name, stream]));
}

/** Publishes; by default the test pattern. */
export function publish(scope, server, stream, args = [], { source = 'test', env = {} } = {}) {
  return start(scope, ['publish', source, '--to', server.grpc, '--stream', stream, ...args], env);
}

/** Publishes, and waits until the server has frames of it. */
export async function published(scope, server, stream, args, options) {
  const run = publish(scope, server, stream, args, options);
  await until(
    () => `frames of "${stream}" at the server; the publisher said: ${run.err.slice(-1000)}`,
    async () => {
      if (run.ended()) throw new Error(`the publisher of "${stream}" ended: ${run.err.slice(-1000)}`);
      const status = (await streams(server)).get(stream);
      return status?.online && status.frames > 0;
    },
  );
  return run;
}
