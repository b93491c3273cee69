import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const slice = 20;

/**
 * A link to the server that can be made slow, between it and one browser; Chromium's own throttle leaves a running fetch alone.
 * `web` is the address to open, `limit` sets bytes a second for what the server sends, all connections together.
 */
export async function relay(scope, server) {
  let bytesPerSecond = Infinity;
  let allowance = Infinity;
  const links = new Set();
  const ends = new Set();

  /** Lets through what the allowance has, and leaves the rest to the server's side of the link, as a slow network does. */
  const pump = ({ near, far }) => {
    while (allowance > 0 && !near.writableNeedDrain) {
      const length = Math.min(
        far.readableLength,
        bytesPerSecond === Infinity ? far.readableLength : Math.floor(allowance),
      );
      const chunk = length > 0 ? far.read(length) : null;
      if (chunk === null) return;
      allowance -= chunk.length;
      near.write(chunk);
    }
  };
  const pumpAll = () => links.forEach(pump);
  const timer = setInterval(() => {
    allowance = Math.min(allowance + (bytesPerSecond * slice) / 1000, bytesPerSecond / 10);
    pumpAll();
  }, slice);

  const listener = createServer((near) => {
    const far = connect(Number(server.port), '127.0.0.1');
    const link = { near, far };
    links.add(link);
    for (const end of [near, far]) {
      ends.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        ends.delete(end);
        links.delete(link);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    near.on('drain', () => pump(link));
    far.on('readable', () => pump(link));
    // Whoever half-closes is done: neither the browser nor the server goes on after that.
    far.on('end', () => near.end());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  scope.defer(() => {
    clearInterval(timer);
    listener.close();
    ends.forEach((end) => end.destroy());
  });
  return {
    web: `http://127.0.0.1:${listener.address().port}`,
    limit(rate) {
      bytesPerSecond = rate;
      allowance = rate === Infinity ? Infinity : 0;
      pumpAll();
    },
  };
}
