import { micros } from '../../server/time';
import type { Stretch } from './stretch';

const second = 1000;

/** Where the MP4 of a stretch is to be had; what is not H.264 must be encoded for it. */
export function exportPath(stream: string, { from, until }: Stretch, encode: boolean): string {
  const path = `/recordings/${stream}/export.mp4?from=${micros(from)}&until=${micros(until)}`;
  return encode ? `${path}&encode=h264` : path;
}

/** The stretch, widened to whole seconds. */
export const wholeSeconds = ({ from, until }: Stretch): Stretch => ({
  from: Math.floor(from / second) * second,
  until: Math.ceil(until / second) * second,
});

const two = (value: number): string => String(value).padStart(2, '0');

/** A local time as an input of the type datetime-local has it. */
export function inputText(at: number): string {
  const time = new Date(at);
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** The time that such an input has; undefined if it is not complete. */
export function inputTime(text: string): number | undefined {
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? undefined : at;
}
