import { Codec, DropReason, type Format } from '../gen/framewire/v1/frame_pb';
import type { Report } from '../gen/framewire/v1/report_pb';

/** What stands where there is no value. */
export const none = '–';

const codecNames: Record<Codec, string> = {
  [Codec.UNSPECIFIED]: none,
  [Codec.GRAY]: 'grey',
  [Codec.BGR]: 'BGR',
  [Codec.JPEG]: 'JPEG',
  [Codec.H264]: 'H.264',
};

const dropNames: Record<DropReason, string> = {
  [DropReason.UNSPECIFIED]: 'unknown',
  [DropReason.LATE]: 'late',
  [DropReason.SUPERSEDED]: 'superseded',
  [DropReason.OVERFLOW]: 'overflow',
  [DropReason.AWAITING_KEYFRAME]: 'awaiting keyframe',
  [DropReason.DISCONNECTED]: 'disconnected',
  [DropReason.REJECTED]: 'rejected',
  [DropReason.ABANDONED]: 'abandoned',
  [DropReason.SPOOL_FULL]: 'spool full',
  [DropReason.SPOOL_EXPIRED]: 'waited too long in the spool',
  [DropReason.POWER_LOST]: 'lost with the power',
  [DropReason.NOT_RECORDED]: 'not recorded',
  [DropReason.NOT_PROCESSED]: 'not processed',
  [DropReason.SPOOL_DAMAGED]: 'spool damaged',
};

/** A server may be newer than this page: it may name what the page does not know. */
const named = (names: Partial<Record<number, string>>, key: number): string => names[key] ?? `${key}`;

export const codecText = (format: Format | undefined): string => (format ? named(codecNames, format.codec) : none);
export const sizeText = (format: Format | undefined): string => (format ? `${format.width}×${format.height}` : none);
export const dropText = (reason: DropReason): string => named(dropNames, reason);
export const rateText = (framesPerSecond: number): string => framesPerSecond.toFixed(1);
export const megabitText = (bitsPerSecond: number): string =>
  (bitsPerSecond / 1e6).toFixed(bitsPerSecond < 1e8 ? 2 : 0);
export const countText = (count: number | bigint): string => count.toLocaleString('en').replaceAll(',', '\u202f');

/** A time span measured in microseconds, where 0 says that there was nothing to measure. */
export const microsText = (micros: number | undefined): string => (micros ? `${(micros / 1000).toFixed(1)} ms` : none);

/** The frames that the publisher dropped; without a report, those that the server missed. */
export function dropsOf(report: Report | undefined, missing: bigint): bigint {
  return report ? report.drops.reduce((sum, { frames }) => sum + frames, 0n) : missing;
}

/** An age or a span of time, as short as it can be told. */
export function ageText(ms: number | undefined): string {
  if (ms === undefined) return none;
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A time of day, HH:MM:SS, with the date before it if that is not today's. */
export function timeText(at: number, now: number): string {
  const time = new Date(at);
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return time.toDateString() === new Date(now).toDateString() ? clock : `${date} ${clock}`;
}

/** A time of day to the millisecond. */
export const exactTimeText = (at: number, now: number): string =>
  `${timeText(at, now)}.${String(Math.floor(at % 1000)).padStart(3, '0')}`;

export function bytesText(bytes: number): string {
  return bytes < 1e4 ? `${bytes} B` : `${(bytes / 1e3).toFixed(1)} kB`;
}

/** What a recording takes on disk. */
export function diskText(bytes: bigint): string {
  const megabytes = Number(bytes) / 1e6;
  if (megabytes < 1000) return `${megabytes.toFixed(1)} MB`;
  return megabytes < 1e6 ? `${(megabytes / 1e3).toFixed(1)} GB` : `${(megabytes / 1e6).toFixed(2)} TB`;
}
