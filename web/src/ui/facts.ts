import { html, type TemplateResult } from 'lit';
import type { StreamStatus } from '../gen/framewire/v1/viewing_pb';
import type { FrameNote } from '../player/picture';
import { bytesText, countText, dropsOf, dropText, exactTimeText, microsText, none } from './format';

type Fact = [label: string, value: string | number];

/** What is known of the frame on screen; `toPage` brings its capture time from the publisher's clock to the page's, milliseconds. */
export function frameFacts(note: FrameNote | undefined, toPage: number, now: number): TemplateResult {
  if (!note) return section('Frame on screen', []);
  const capturedAt = note.capturedAt + toPage;
  return section('Frame on screen', [
    ['Sequence', countText(note.sequence)],
    ['Time in the session', `${(Number(note.ptsMicros) / 1e6).toFixed(3)} s`],
    ['Captured at', exactTimeText(capturedAt, now)],
    ['Keyframe', note.keyframe ? 'yes' : 'no'],
    ['Size', bytesText(note.bytes)],
    ['Session', note.session],
    ...Object.entries(note.metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** What the publisher says of itself, and the server of it. */
export function publisherFacts(status: StreamStatus | undefined): TemplateResult {
  if (!status) return section('Publisher', []);
  const { report, peer, agent } = status;
  return section('Publisher', [
    ['Address', peer || none],
    ['Program', agent || none],
    ['Captured', report ? countText(report.captured) : none],
    ['Acknowledged', report ? countText(report.acked) : none],
    ['Waiting', report ? countText(report.waiting) : none],
    ['Dropped', report ? countText(dropsOf(report, 0n)) : none],
    ...(report?.drops ?? []).map(({ reason, frames }): Fact => [`– ${dropText(reason)}`, countText(frames)]),
    ['Capture to sending', microsText(report?.queueP50Micros)],
    ['Ack round trip p50', microsText(report?.ackP50Micros)],
    ['Ack round trip p99', microsText(report?.ackP99Micros)],
  ]);
}

/** What the server counts. */
export function serverFacts(status: StreamStatus | undefined): TemplateResult {
  if (!status) return section('Server', []);
  return section('Server', [
    ['Frames received', countText(status.frames)],
    ['Bytes received', countText(status.bytes)],
    ['Never came', countText(status.missing)],
    ['Came twice', countText(status.duplicates)],
    ['Refused', countText(status.rejected)],
    ['Viewers', status.viewers],
    ['Recording', status.recording ? 'yes' : 'no'],
  ]);
}

function section(heading: string, facts: Fact[]): TemplateResult {
  return html`<section class="facts">
    <h2>${heading}</h2>
    ${facts.length ? '' : html`<p>Nothing yet.</p>`}
    <dl>
      ${facts.map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
