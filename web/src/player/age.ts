/** The age up to which a picture is live, milliseconds. */
export const ageBudget = 1000;

/** What the times of a frame need to be compared; all milliseconds. */
export interface Offsets {
  /** The server's clock minus the page's. */
  server: number;
  /** The server's clock minus the publisher's. */
  publisher: number;
}

/** The four times of a frame's way, each by the clock of the machine that took it. */
export interface Times {
  capturedAt: number;
  receivedAt: number;
  arrivedAt: number;
  drawnAt: number;
}

/** How long a frame took for each stage of its way, milliseconds. */
export interface Stages {
  captureToServer: number;
  serverToPage: number;
  pageToScreen: number;
  total: number;
}

/** How old a picture captured then is at `now` of the page's clock. */
export function ageOf(capturedAt: number, now: number, { server, publisher }: Offsets): number {
  return now + server - (capturedAt + publisher);
}

/** The stages of one frame. Offsets are good to a part of a round trip, so a short stage may seem to end before it began: it took no time. */
export function stagesOf({ capturedAt, receivedAt, arrivedAt, drawnAt }: Times, offsets: Offsets): Stages {
  return {
    captureToServer: Math.max(0, receivedAt - (capturedAt + offsets.publisher)),
    serverToPage: Math.max(0, arrivedAt + offsets.server - receivedAt),
    pageToScreen: drawnAt - arrivedAt,
    total: Math.max(0, ageOf(capturedAt, drawnAt, offsets)),
  };
}
