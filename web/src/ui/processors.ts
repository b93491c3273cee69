import { html, nothing, type TemplateResult } from 'lit';
import { ProcessorStatus_State, type ProcessorStatus } from '../gen/framewire/v1/result_pb';
import { countText, microsText, none } from './format';

const stateNames: Partial<Record<number, string>> = {
  [ProcessorStatus_State.ATTACHED]: 'attached',
  [ProcessorStatus_State.ABSENT]: 'absent',
  [ProcessorStatus_State.FAILED]: 'failed',
};

const stateText = ({ state }: ProcessorStatus): string => stateNames[state] ?? none;

/** Whether it should be at work and is not. */
export const isTroubled = ({ state }: ProcessorStatus): boolean =>
  state === ProcessorStatus_State.ABSENT || state === ProcessorStatus_State.FAILED;

/** What is wrong with a processor, in one sentence. */
export function troubleText(processor: ProcessorStatus): string {
  const { name, state, error } = processor;
  const what = state === ProcessorStatus_State.ABSENT ? 'is absent: it broke off and has not come back' : 'has failed';
  return `Processor ${name} ${what}${error ? ` (${error})` : ''}`;
}

/** The warnings that processors are not at work although they should be. */
export const processorTroubles = (processors: readonly ProcessorStatus[]): TemplateResult =>
  html`<div role="alert">
    ${processors.filter(isTroubled).map((processor) => html`<p class="stopped">${troubleText(processor)}</p>`)}
  </div>`;

/** That a stream is processed, and by whom; or who should and does not. For a small place. */
export function processorBadge(processors: readonly ProcessorStatus[]): TemplateResult | typeof nothing {
  if (!processors.length) return nothing;
  const troubled = processors.filter(isTroubled);
  const [first] = troubled;
  if (!first)
    return html`<span class="badge" title="Processed by ${processors.map(({ name }) => name).join(', ')}"
      >processed</span
    >`;
  const text = troubled.length > 1 ? `${troubled.length} processors down` : `${first.name} ${stateText(first)}`;
  return html`<span class="badge bad" title=${troubled.map(troubleText).join('; ')}>${text}</span>`;
}

/** How each processor of a stream does. */
export function processorFacts(processors: readonly ProcessorStatus[]): TemplateResult | typeof nothing {
  if (!processors.length) return nothing;
  return html`<section class="facts processors">
    <h2>Processors</h2>
    ${processors.map(processorFact)}
  </section>`;
}

function processorFact(processor: ProcessorStatus): TemplateResult {
  const { name, instances, done, skipped, failed, latencyP50Micros, latencyP99Micros, everyFrame, error } = processor;
  const facts: [string, string | number][] = [
    ['Instances', instances],
    ['Frames done', countText(done)],
    ['Skipped', countText(skipped)],
    ['Failed', countText(failed)],
    ['Latency p50', microsText(latencyP50Micros)],
    ['Latency p99', microsText(latencyP99Micros)],
    ...(everyFrame ? [['Takes', 'every frame of lossless sessions'] as [string, string]] : []),
  ];
  return html`<article>
    <h3>${name} <span class="badge ${isTroubled(processor) ? 'bad' : ''}">${stateText(processor)}</span></h3>
    ${error ? html`<p class="error">${error}</p>` : nothing}
    <dl>
      ${facts.map(
        ([label, value]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </article>`;
}
