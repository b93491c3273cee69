import { html, type TemplateResult } from 'lit';
import type { Result } from '../gen/framewire/v1/result_pb';
import { scoreText } from '../player/boxes';
import type { Seen } from '../player/seen';
import { countText } from './format';

type Fact = [label: string, value: string];

/** More classes of a picture than this are counted only. */
const mostClasses = 20;
const mostLetters = 200;

/** What one processor made of a picture, besides where things are. */
export function factsOf({ optionalReply, detections, values }: Result): Fact[] {
  const classes = detections.filter(({ box }) => !box);
  const boxes = detections.length - classes.length;
  const facts: Fact[] = [];
  if (optionalReply.case) facts.push(['Reply', String(optionalReply.value)]);
  // Told even if there are none: rows that come and go would make the page jump.
  facts.push(['Boxes', countText(boxes)]);
  for (const { label, score } of classes.slice(0, mostClasses))
    facts.push([shortened(label), scoreText(score) || 'yes']);
  if (classes.length > mostClasses) facts.push(['More classes', countText(classes.length - mostClasses)]);
  for (const [key, value] of Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
    facts.push([shortened(key), shortened(value)]);
  return facts;
}

/** The last that each processor made of a frame that was shown, by its name. */
export function resultFacts(latest: readonly Seen[]): TemplateResult {
  return html`<section class="facts results">
    <h2>Results</h2>
    ${latest.length ? '' : html`<p>Nothing yet.</p>`}
    ${byName(latest).map(
      ({ result, sequence }) =>
        html`<h3>${result.processor} <small>frame ${countText(sequence)}</small></h3>
          <dl>
            ${factsOf(result).map(
              ([label, value]) =>
                html`<div>
                  <dt>${label}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>`,
    )}
  </section>`;
}

const byName = (latest: readonly Seen[]): Seen[] =>
  latest.toSorted((a, b) => (a.result.processor < b.result.processor ? -1 : 1));
const shortened = (text: string): string => (text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text);
