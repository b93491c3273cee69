/** A frame that is due longer ago than this was held up: the clock waits for it instead of running after it, milliseconds. */
const lateAfter = 250;

/** Tells when a recorded frame is due. Times of frames and of the page are milliseconds, each by its own clock; not tied to either. */
export class PlaybackClock {
  #frameTime = 0;
  #pageTime = 0;

  constructor(private rate = 1) {}

  get speed(): number {
    return this.rate;
  }

  /** From now on, a frame of that time is due. */
  start(frameTime: number, now: number): void {
    this.#frameTime = frameTime;
    this.#pageTime = now;
  }

  setSpeed(speed: number, now: number): void {
    this.start(this.at(now), now);
    this.rate = speed;
  }

  /** The time of the frame that is due now. */
  at(now: number): number {
    return this.#frameTime + (now - this.#pageTime) * this.rate;
  }

  /** How long until a frame is due; negative if it has been. */
  wait(frameTime: number, now: number): number {
    return (frameTime - this.at(now)) / this.rate;
  }

  isLate(frameTime: number, now: number): boolean {
    return this.wait(frameTime, now) < -lateAfter;
  }
}
