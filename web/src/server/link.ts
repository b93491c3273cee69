import { createClient, type Client } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import type { Codec } from '../gen/framewire/v1/frame_pb';
import { Recordings } from '../gen/framewire/v1/recordings_pb';
import { Viewing } from '../gen/framewire/v1/viewing_pb';
import { ServerClock } from './clock';
import { shownCodecs } from './codecs';
import { StreamDirectory } from './directory';
import { RecordingDirectory } from './recordings';
import { Session } from './session';
import { Watcher } from './watcher';

/** Everything between the page and its server: one for the page, made by main. */
export class ServerLink {
  readonly session = new Session();
  readonly clock = new ServerClock();
  readonly directory: StreamDirectory;
  readonly watcher: Watcher;
  readonly recordings: Client<typeof Recordings>;
  readonly recorded: RecordingDirectory;
  /** What this page can show. */
  readonly codecs: Promise<Codec[]>;

  constructor({ origin, search }: Location) {
    const transport = createGrpcWebTransport({ baseUrl: origin });
    const client = createClient(Viewing, transport);
    this.codecs = shownCodecs(new URLSearchParams(search));
    this.directory = new StreamDirectory(client, this.clock);
    this.watcher = new Watcher(client, this.clock, this.codecs);
    this.recordings = createClient(Recordings, transport);
    this.recorded = new RecordingDirectory(this.recordings);
  }
}
