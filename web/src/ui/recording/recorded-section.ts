import { html, type TemplateResult } from 'lit';
import type { Recording } from '../../gen/framewire/v1/recordings_pb';
import type { StreamStatus } from '../../gen/framewire/v1/viewing_pb';
import { millis } from '../../server/time';
import { countText, diskText, timeText } from '../format';
import { stoppedText } from './stopped';

/** The recordings of streams that the server does not list, with the search text in their names, by name. */
export function recordedOnly(
  recordings: ReadonlyMap<string, Recording> | undefined,
  streams: readonly StreamStatus[] | undefined,
  search: string,
): Recording[] {
  if (!recordings || !streams) return [];
  const listed = new Set(streams.map(({ name }) => name));
  const wanted = search.trim().toLowerCase();
  return [...recordings.values()].filter(({ stream }) => !listed.has(stream) && stream.includes(wanted));
}

/** What there is on disk of streams that nobody publishes, each a quiet tile. */
export function recordedSection(recordings: readonly Recording[], now: number): TemplateResult {
  return html`<section class="recorded-only">
    <h2>Recorded</h2>
    <div class="wall">
      ${recordings.map(
        (recording) =>
          html`<article class="tile" aria-label="Recording ${recording.stream}">
            <header>
              <h3><a href="/view/${recording.stream}${location.search}">${recording.stream}</a></h3>
            </header>
            ${stoppedText(recording)}
            <p class="shape">${timesText(recording, now)}</p>
            <p class="shape">${countText(recording.frames)} frames · ${diskText(recording.bytes)}</p>
          </article>`,
      )}
    </div>
  </section>`;
}

const timesText = ({ firstCapturedAtUnixMicros, lastCapturedAtUnixMicros }: Recording, now: number): string =>
  `${timeText(millis(firstCapturedAtUnixMicros), now)} – ${timeText(millis(lastCapturedAtUnixMicros), now)}`;
