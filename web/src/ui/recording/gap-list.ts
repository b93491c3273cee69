import { html, nothing, type TemplateResult } from 'lit';
import type { RecordedGap } from '../../gen/framewire/v1/recordings_pb';
import { countText, timeText } from '../format';
import { framesText, lengthText, reasonText } from './gaps';
import { boundsOf, type Stretch } from './stretch';

const most = 200;

/** The gaps that are in view, newest first, each with a button that shows it. The rows are made only when they are asked for. */
export function gapList(
  gaps: readonly RecordedGap[],
  view: Stretch,
  open: boolean,
  now: number,
  acts: { toggled(open: boolean): void; show(gap: Stretch): void },
): TemplateResult {
  const shown = gaps.filter((gap) => boundsOf(gap).until >= view.from && boundsOf(gap).from <= view.until);
  const rows = open ? shown.slice(-most).reverse() : [];
  const row = (gap: RecordedGap) => {
    const { from } = boundsOf(gap);
    return html`<tr>
      <td>
        <button
          type="button"
          @click=${() => {
            acts.show(boundsOf(gap));
          }}
        >
          ${timeText(from, now)}
        </button>
      </td>
      <td>${lengthText(gap)}</td>
      <td>${framesText(gap)}</td>
      <td>${reasonText(gap)}</td>
    </tr>`;
  };
  return html`<details
    class="gaps"
    .open=${open}
    @toggle=${(event: Event) => {
      acts.toggled((event.target as HTMLDetailsElement).open);
    }}
  >
    <summary>Gaps (${countText(shown.length)})</summary>
    ${
      rows.length
        ? html`<table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Length</th>
                <th scope="col">Missing</th>
                <th scope="col">Reason</th>
              </tr>
            </thead>
            <tbody>
              ${rows.map(row)}
            </tbody>
          </table>`
        : html`<p>None in the time shown.</p>`
    }
    ${shown.length > most ? html`<p>The newest ${most}; zoom in for others.</p>` : nothing}
  </details>`;
}
