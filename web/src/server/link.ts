import { createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { Viewing } from '../gen/framewire/v1/viewing_pb';
import { ServerClock } from './clock';
import { shownCodecs } from './codecs';
import { StreamDirectory } from './directory';
import { Watcher } from './watcher';

/** Everything between the page and its server: one for the page, made by main. */
export class ServerLink {
  readonly clock = new ServerClock();
  readonly directory: StreamDirectory;
  readonly watcher: Watcher;

  constructor({ origin, search }: Location) {
    const client = createClient(Viewing, createGrpcWebTransport({ baseUrl: origin }));
    this.directory = new StreamDirectory(client, this.clock);
    this.watcher = new Watcher(client, this.clock, shownCodecs(new URLSearchParams(search)));
  }
}
