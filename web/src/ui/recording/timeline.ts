import { html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Finding, RecordedGap, RecordedSpan } from '../../gen/framewire/v1/recordings_pb';
import { pageNow } from '../../server/time';
import { PageElement } from '../element';
import { exactTimeText, timeText } from '../format';
import { runsOf } from './columns';
import { findingAt, findingText, marksOf } from './findings';
import { gapText, spanText, whatIsAt } from './gaps';
import { actOfKey, type TimelineActs } from './keys';
import { axisHeight, laneHeight, paintTimeline } from './paint';
import { TimelinePointer } from './pointer';
import { ticksOf } from './ticks';
import { lengthOf, timeAt, xAt, type Stretch } from './stretch';

const barHeight = 48;
const tickWidth = 80;
/** How near the pointer must be to something short, pixels. */
const reach = 3;
const wheelZoom = 1.0015;

/** What is recorded of a stream over time, with the playhead: a slider. */
@customElement('fw-timeline')
export class Timeline extends PageElement {
  @property({ attribute: false }) spans: readonly RecordedSpan[] = [];
  @property({ attribute: false }) gaps: readonly RecordedGap[] = [];
  /** What was found; undefined if nothing is looked for. */
  @property({ attribute: false }) findings: readonly Finding[] | undefined;
  @property({ attribute: false }) extent!: Stretch;
  @property({ attribute: false }) view!: Stretch;
  @property({ attribute: false }) selection: Stretch | undefined;
  /** What is shown; the end of the extent if that is live. */
  @property({ type: Number }) playhead = 0;
  @property({ type: Boolean }) live = true;
  @property({ attribute: false }) acts!: TimelineActs;
  @state() private hover: number | undefined;
  /** Whether the pointer is on the lane of findings. */
  @state() private inLane = false;
  @query('.strip') private readonly strip!: HTMLElement;
  @query('canvas') private readonly canvas!: HTMLCanvasElement;
  @query('.told') private readonly told!: HTMLElement;

  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #redraw = () => {
    this.requestUpdate();
  };
  readonly #resized = new ResizeObserver(this.#redraw);
  readonly #pointer = new TimelinePointer({
    seek: (at) => {
      const finding = this.#findingAt(at);
      if (finding) this.acts.jump(finding);
      else this.acts.seek(at);
    },
    pan: (by) => {
      this.acts.pan(by);
    },
    select: (stretch) => {
      this.acts.select(stretch);
    },
  });

  protected override firstUpdated(): void {
    this.#dark.addEventListener('change', this.#redraw);
    this.#resized.observe(this);
    // A wheel's listener must say that it stops the page from scrolling.
    this.strip.addEventListener('wheel', this.#wheeled, { passive: false });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#dark.removeEventListener('change', this.#redraw);
    this.#resized.disconnect();
  }

  protected override render(): TemplateResult {
    const now = pageNow();
    const shown = this.live ? 'live' : exactTimeText(this.playhead, now);
    const about = this.#about(this.hover ?? this.playhead, now);
    return html`
      <div
        class="strip"
        role="slider"
        tabindex="0"
        aria-label="Time shown"
        aria-valuemin=${Math.round(this.extent.from / 1000)}
        aria-valuemax=${Math.round(this.extent.until / 1000)}
        aria-valuenow=${Math.round(this.playhead / 1000)}
        aria-valuetext="${shown}, ${about}"
        @pointerdown=${this.#pressed}
        @pointermove=${this.#moved}
        @pointerup=${this.#released}
        @pointercancel=${this.#left}
        @pointerleave=${this.#left}
        @keydown=${this.#keyed}
      >
        <canvas></canvas>
      </div>
      <p class="told"><b>${this.hover === undefined ? shown : timeText(this.hover, now)}</b> ${about}</p>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    const width = Math.max(this.strip.clientWidth, 1);
    const scale = devicePixelRatio;
    if (changed.size > 0 || this.canvas.width !== width * scale) this.#paint(width, scale);
    // The text follows the pointer, or the playhead, as far as it has room.
    const x = xAt(this.view, width, this.hover ?? this.playhead) - this.told.offsetWidth / 2;
    const left = Math.max(0, Math.min(width - this.told.offsetWidth, x));
    this.told.style.transform = `translateX(${Math.round(left)}px)`;
  }

  #paint(width: number, scale: number): void {
    const context = this.canvas.getContext('2d');
    if (!context) return;
    this.canvas.width = Math.round(width * scale);
    const height = barHeight + axisHeight + (this.findings ? laneHeight : 0);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.height = `${height}px`;
    context.scale(scale, scale);
    const { view, selection, playhead, hover } = this;
    const runs = runsOf(view, width, this.spans, this.gaps);
    const ticks = ticksOf(view, Math.max(2, width / tickWidth));
    const marks = this.findings && marksOf(view, width, this.findings);
    paintTimeline(context, width, height, { view, runs, ticks, marks, selection, playhead, hover });
  }

  /** The finding at a time, if the pointer is on their lane. */
  #findingAt(at: number): Finding | undefined {
    return this.inLane ? findingAt(this.findings ?? [], at, this.#near) : undefined;
  }

  /** How near the pointer must be to something short, milliseconds. */
  get #near(): number {
    return (reach / Math.max(this.hasUpdated ? this.strip.clientWidth : 0, 1)) * lengthOf(this.view);
  }

  #about(at: number, now: number): string {
    const finding = this.hover === undefined ? undefined : this.#findingAt(at);
    if (finding) return findingText(finding, now);
    const found = whatIsAt(at, this.#near, this.spans, this.gaps);
    if (!found) return this.live && this.hover === undefined ? '' : 'nothing recorded';
    return 'gap' in found ? gapText(found.gap, now) : spanText(found.span, now);
  }

  readonly #wheeled = (event: WheelEvent) => {
    event.preventDefault();
    const perPixel = lengthOf(this.view) / this.strip.clientWidth;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.acts.pan(event.deltaX * perPixel);
    else this.acts.zoom(wheelZoom ** event.deltaY, timeAt(this.view, this.strip.clientWidth, this.#x(event)));
  };

  #x(event: MouseEvent): number {
    return event.clientX - this.strip.getBoundingClientRect().left;
  }

  #isInLane(event: MouseEvent): boolean {
    const y = event.clientY - this.strip.getBoundingClientRect().top;
    return this.findings !== undefined && y >= barHeight && y < barHeight + laneHeight;
  }

  #pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.strip.setPointerCapture(event.pointerId);
    this.inLane = this.#isInLane(event);
    this.#pointer.down(this.#x(event), event.shiftKey);
  }

  #moved(event: PointerEvent): void {
    this.hover = timeAt(this.view, this.strip.clientWidth, this.#x(event));
    this.inLane = this.#isInLane(event);
    this.#pointer.move(this.#x(event), this.view, this.strip.clientWidth);
  }

  #released(event: PointerEvent): void {
    this.#pointer.up(this.#x(event), this.view, this.strip.clientWidth);
    if (event.pointerType !== 'mouse') this.hover = undefined;
  }

  #left(): void {
    this.#pointer.cancel();
    this.hover = undefined;
  }

  #keyed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = actOfKey(event.key, event.shiftKey, this, this.acts);
    if (!act) return;
    event.preventDefault();
    this.hover = undefined;
    act();
  }
}
