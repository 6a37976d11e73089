// Instants and spans as people read them. UTC is always at hand; mission time names its zone.

import type { Interval, Timestamp } from '../api';
import { S } from '../strings';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(S.locale, { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, made);
  }
  return made;
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const SHORT: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const DAY: Intl.DateTimeFormatOptions = { day: '2-digit', month: 'short' };

export function instant(at: Timestamp): number {
  return Date.parse(at);
}

/** `14:03:22` in a zone. */
export function clock(at: number, zone: string): string {
  return format(zone, CLOCK).format(at);
}

/** `02 Mar` in a zone. */
export function day(at: number, zone: string): string {
  return format(zone, DAY).format(at);
}

/** `02 Mar 14:03` in a zone. */
export function moment(at: number, zone: string): string {
  return `${day(at, zone)} ${format(zone, SHORT).format(at)}`;
}

/** `2 March 2025, 14:03:22` in a zone. */
export function full(at: number, zone: string): string {
  const date = format(zone, { day: 'numeric', month: 'long', year: 'numeric' }).format(at);
  return `${date}, ${clock(at, zone)}`;
}

/** The zone's abbreviation at an instant, such as `EET` or `GMT+2`. */
export function zoneName(at: number, zone: string): string {
  const parts = format(zone, { timeZoneName: 'short' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** An interval: one instant, or from–to with the day once when both share it. */
export function span(interval: Interval, zone: string): string {
  const [start, end] = [instant(interval.start), instant(interval.end)];
  if (end - start < 1000) return full(start, zone);
  const sameDay = format(zone, DAY).format(start) === format(zone, DAY).format(end);
  return `${full(start, zone)} – ${sameDay ? clock(end, zone) : full(end, zone)}`;
}

/** A length of time in its two largest units, such as `3 h 20 min`. */
export function duration(seconds: number): string {
  const u = S.durations;
  const s = Math.round(Math.abs(seconds));
  if (s < 60) return `${s} ${u.s}`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} ${u.min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return minutes % 60 ? `${hours} ${u.h} ${minutes % 60} ${u.min}` : `${hours} ${u.h}`;
  }
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} ${u.d} ${hours % 24} ${u.h}` : `${days} ${u.d}`;
}

/** The middle of an interval, in milliseconds. */
export function middle(interval: Interval): number {
  return (instant(interval.start) + instant(interval.end)) / 2;
}
