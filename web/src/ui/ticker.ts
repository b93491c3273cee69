import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Calls back at an interval while its element is on the page. */
export class Ticker implements ReactiveController {
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    host: ReactiveControllerHost,
    private readonly interval: number,
    private readonly tick: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(this.tick, this.interval);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }
}
