import { lengthOf, type Stretch } from './stretch';

/** A mark of the time axis. */
export interface Tick {
  at: number;
  label: string;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * day),
];

/** Round local times, at most so many, with labels as short as tell them apart. */
export function ticksOf(view: Stretch, most: number): Tick[] {
  const step = steps.find((length) => lengthOf(view) / length <= most) ?? lengthOf(view);
  const ticks: Tick[] = [];
  for (let at = firstAfter(view.from, step); at <= view.until; at = nextAfter(at, step))
    ticks.push({ at, label: labelOf(at, step) });
  return ticks;
}

function firstAfter(from: number, step: number): number {
  const local = new Date(from).getTimezoneOffset() * minute;
  return Math.ceil((from - local) / step) * step + local;
}

/** Days are not all equally long: a step of days goes from midnight to midnight. */
function nextAfter(at: number, step: number): number {
  if (step < day) return at + step;
  const next = new Date(at + step + hour);
  next.setHours(0, 0, 0, 0);
  return next.getTime();
}

const two = (value: number): string => String(value).padStart(2, '0');

function labelOf(at: number, step: number): string {
  const time = new Date(at);
  const date = `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  if (step >= day) return date;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (step >= minute) return clock === '00:00' ? date : clock;
  const seconds = `${clock}:${two(time.getSeconds())}`;
  return step >= second ? seconds : `${seconds}.${Math.floor(time.getMilliseconds() / 100)}`;
}
