import { html, type TemplateResult } from 'lit';
import type { Report } from '../gen/framewire/v1/report_pb';
import type { Reading } from '../player/meter';
import './graph';
import { History } from './history';

const stages = ['capture → server', 'server → page', 'page → screen', 'total age'];

/** The four graphs of one stream and what they remember. Owned by the stream's page, which feeds them once a second. */
export class Graphs {
  readonly #rate = new History(1);
  readonly #bits = new History(1);
  readonly #latency = new History(stages.length);
  readonly #acks = new History(2);
  #version = 0;

  add(at: number, { framesPerSecond, bitsPerSecond, stages }: Reading, report: Report | undefined): void {
    this.#rate.add(at, [framesPerSecond]);
    this.#bits.add(at, [bitsPerSecond / 1e6]);
    this.#latency.add(
      at,
      stages ? [stages.captureToServer, stages.serverToPage, stages.pageToScreen, stages.total] : [],
    );
    this.#acks.add(at, report ? [measured(report.ackP50Micros), measured(report.ackP99Micros)] : []);
    this.#version++;
  }

  render(): TemplateResult {
    return html`<div class="graphs">
      ${this.#graph('Frames arriving', 'fps', ['frames'], this.#rate)}
      ${this.#graph('Bit rate', 'Mbit/s', ['payload'], this.#bits)}
      ${this.#graph('Latency by stage', 'ms', stages, this.#latency)}
      ${this.#graph('Ack round trip of the publisher', 'ms', ['p50', 'p99'], this.#acks)}
    </div>`;
  }

  #graph(heading: string, unit: string, lines: string[], history: History): TemplateResult {
    return html`<fw-graph
      .heading=${heading}
      .unit=${unit}
      .lines=${lines}
      .history=${history}
      .version=${this.#version}
    ></fw-graph>`;
  }
}

/** The wire says 0 where nothing was measured. */
const measured = (micros: number): number | null => (micros ? micros / 1000 : null);
