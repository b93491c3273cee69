import { html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import uPlot from 'uplot';
import { PageElement } from './element';
import { none } from './format';
import { graphSeconds, type History } from './history';

const height = 124;
/** Classes and custom properties of the lines' colours, in the style sheet. */
const colours = ['line-1', 'line-2', 'line-3', 'line-4'];

/** One graph over the last minute, with the newest value of each line above it. */
@customElement('fw-graph')
export class Graph extends PageElement {
  @property() heading = '';
  @property() unit = '';
  @property({ attribute: false }) lines: string[] = [];
  @property({ attribute: false }) history!: History;
  /** Changes whenever the history does. */
  @property({ type: Number }) version = 0;

  #plot: uPlot | undefined;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');
  readonly #resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height }));
  readonly #draw = () => {
    this.#plot?.destroy();
    const plot = this.querySelector<HTMLElement>('.plot');
    if (plot) this.#plot = new uPlot(this.#options(), this.history.columns(), plot);
  };

  protected override firstUpdated(): void {
    this.#draw();
    this.#dark.addEventListener('change', this.#draw);
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#dark.removeEventListener('change', this.#draw);
    this.#resized.disconnect();
    this.#plot?.destroy();
  }

  protected override updated(): void {
    this.#plot?.setData(this.history.columns());
  }

  protected override render(): TemplateResult {
    return html`
      <h3>${this.heading} <small>${this.unit}</small></h3>
      <ul class="legend">
        ${this.lines.map((line, i) => {
          const newest = this.history.newest(i);
          return html`<li class=${colours[i] ?? ''}>${line} <b>${newest === null ? none : newest.toFixed(1)}</b></li>`;
        })}
      </ul>
      <div class="plot" role="img" aria-label="${this.heading} over the last minute"></div>
    `;
  }

  #width(): number {
    return Math.max(this.querySelector('.plot')?.clientWidth ?? 0, 120);
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    const axis: uPlot.Axis = {
      stroke: colour('quiet'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: colour('rule'), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.#width(),
      height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [-graphSeconds, 0] },
        y: { range: (_plot, _min, max) => [0, (max || 1) * 1.1] },
      },
      axes: [
        { ...axis, size: 24, values: (_plot, ticks) => ticks.map((tick) => (tick === 0 ? 'now' : `${tick} s`)) },
        { ...axis, size: 44 },
      ],
      series: [
        {},
        ...this.lines.map((label, i) => ({
          label,
          stroke: colour(colours[i] ?? ''),
          width: 1.5,
          points: { show: false },
        })),
      ],
    };
  }
}
