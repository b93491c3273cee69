import type { Client } from '@connectrpc/connect';
import type { Codec } from '../gen/framewire/v1/frame_pb';
import type { RecordedSpan, Recordings } from '../gen/framewire/v1/recordings_pb';
import type { RecordedFrame } from '../server/reader';
import { pageNow } from '../server/time';
import { missingAt, missingBetween, type Missing } from './missing';
import type { FrameNote } from './picture';
import { isPast, isReached, lastPlace, placeBefore, placeOf, timeOf, type Target } from './place';
import { PlaybackClock } from './playback-clock';
import { after, willPlay, type PlaybackEvent, type PlaybackState } from './playback-state';
import { Projector, type Surface } from './projector';
import { Tape, type End } from './tape';

/**
 * Plays a stream's recording onto the canvas of its live picture, whose player must hold still meanwhile. The server sends as fast as
 * it is read; when a frame is due is decided here. Owned by the stream's page. Fires "change" when there is something new to say.
 */
export class Playback extends EventTarget {
  state: PlaybackState = { name: 'paused' };
  /** What was missing before the frame that is shown, or one shortly before it. */
  missing: Missing | undefined;
  /** What is recorded, as far as it is known; kept up to date by the owner. */
  spans: readonly RecordedSpan[] = [];

  readonly #clock = new PlaybackClock();
  readonly #tape: Tape;
  readonly #projector: Projector;
  #target: Target | undefined;
  #refresh = 0;

  constructor(client: Client<typeof Recordings>, stream: string, surface: Surface, codecs: readonly Codec[]) {
    super();
    this.#tape = new Tape(client, stream, () => {
      this.#wake();
    });
    this.#projector = new Projector(stream, surface, codecs, () => this.dispatchEvent(new Event('change')));
  }

  /** The frame on screen. */
  get shown(): FrameNote | undefined {
    return this.#projector.shown;
  }

  get speed(): number {
    return this.#clock.speed;
  }

  set speed(speed: number) {
    this.#clock.setSpeed(speed, pageNow());
    this.#tell();
  }

  /** Goes to a time of the publisher's clock, or to a frame, and plays or stays there. */
  seek(target: Exclude<Target, 'next'>, play: boolean): void {
    this.#projector.clear();
    this.#tape.begin('at' in target ? target : { from: target.place });
    this.#look(target, play);
  }

  play(): void {
    this.#tape.carryOn();
    const { current } = this.#tape;
    if (current) this.#clock.start(timeOf(current), pageNow());
    if (current && this.#projector.isStale) this.#projector.present(this.#tape.run);
    this.#do({ event: 'play' });
  }

  pause(): void {
    if (!willPlay(this.state)) return;
    if (this.state.name === 'playing' && this.#tape.current) this.#projector.await(this.#tape.current);
    this.#do({ event: 'pause' });
  }

  /** Shows the next frame, or the one before. */
  step(direction: 1 | -1): void {
    this.pause();
    const { current } = this.#tape;
    if (this.state.name === 'seeking' || !current) return;
    if (direction > 0) {
      this.#tape.carryOn();
      this.#look('next', false);
    } else if (this.#tape.back()) {
      this.#projector.present(this.#tape.run);
      this.#look(undefined, false);
      this.#do({ event: 'reached' });
    } else {
      const place = placeBefore(placeOf(current), this.spans);
      if (place) this.seek({ place }, false);
    }
  }

  close(): void {
    this.#tape.close();
    this.#projector.clear();
    cancelAnimationFrame(this.#refresh);
  }

  #look(target: Target | undefined, play: boolean): void {
    this.#target = target;
    this.missing = undefined;
    this.#do({ event: 'seek', play, at: pageNow() });
  }

  #do(event: PlaybackEvent): void {
    this.state = after(this.state, event);
    this.#tell();
    this.#wake();
  }

  #tell(): void {
    this.dispatchEvent(new Event('change'));
  }

  #wake(): void {
    this.#refresh ||= requestAnimationFrame(() => {
      this.#refresh = 0;
      this.#work(pageNow());
      const isActive = this.state.name === 'playing' || this.state.name === 'seeking';
      if (isActive || this.#projector.isBusy) this.#wake();
    });
  }

  #work(now: number): void {
    this.#projector.work(now);
    while (this.#projector.hasRoom && this.#goOn(now));
    if (this.#projector.unplayable && this.state.name !== 'failed') this.#fail('unplayable');
  }

  /** Goes on by a frame; false if there is nothing to do now. */
  #goOn(now: number): boolean {
    const { name } = this.state;
    if (name !== 'seeking' && name !== 'playing') return false;
    const { next } = this.#tape;
    if (next) return name === 'seeking' ? this.#search(next, now) : this.#advance(next, now);
    const end = this.#tape.end(now);
    if (end) this.#finish(end);
    return false;
  }

  /** One frame toward the one that is looked for. */
  #search(next: RecordedFrame, now: number): boolean {
    const target = this.#target ?? 'next';
    const previous = this.#tape.current;
    if (previous && isPast(target, next)) {
      this.#projector.present(this.#tape.run);
      this.#reached(previous, now);
      return false;
    }
    this.#tape.advance();
    const isIt = isReached(target, next) && this.#tape.isDecodable;
    if (!this.#projector.isStale) this.#projector.pass(next, !isIt);
    else if (isIt) this.#projector.present(this.#tape.run);
    if (!isIt) return true;

    if (target === 'next') this.missing = missingBetween(previous, next, now);
    else if ('at' in target) this.missing = missingAt(target.at, next, now);
    this.#projector.await(next);
    this.#reached(next, now);
    return true;
  }

  /** Plays the next frame if it is due. */
  #advance(next: RecordedFrame, now: number): boolean {
    const time = timeOf(next);
    const missing = missingBetween(this.#tape.current, next, now);
    if (missing) this.missing = missing;
    if (missing || this.#clock.isLate(time, now)) this.#clock.start(time, now);
    if (this.#clock.wait(time, now) > 0) return false;
    this.#tape.advance();
    this.#projector.pass(next, false);
    return true;
  }

  #reached(item: RecordedFrame, now: number): void {
    this.#target = undefined;
    this.#clock.start(timeOf(item), now);
    this.#do({ event: 'reached' });
  }

  /** What was asked for behind the end is the last frame. */
  #finish(end: End): void {
    const wanted = this.#target;
    this.#target = undefined;
    const place = lastPlace(this.spans);
    const { current } = this.#tape;
    if (end.why === 'failed') this.#fail(end.reason);
    else if (end.why === 'nothing' && place && wanted !== 'next' && wanted && 'at' in wanted)
      this.seek({ place }, true);
    else {
      if (current && wanted && wanted !== 'next') this.#projector.present(this.#tape.run);
      else if (current) this.#projector.await(current);
      this.#do({ event: 'finished' });
    }
  }

  #fail(reason: string): void {
    this.#tape.close();
    this.#do({ event: 'failed', reason });
  }
}
