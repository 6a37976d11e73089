// Icons and labels, drawn on a canvas when the map first asks for them. Text is drawn here too, so
// that the map needs no glyph files. An image's name holds all that it depends on.

import { incidentGlyph, sensorGlyph, SHIELD, trackGlyph } from './glyphs';
import { palette, type Palette, type Theme } from './palette';

export interface Drawn {
  image: ImageData;
  pixelRatio: number;
}

const RATIO = 2;
const SEPARATOR = '|';
const FONT = 'system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
/** Longest label drawn; a longer name is cut. */
const LABEL_CHARACTERS_MAX = 48;

export const imageName = (...parts: string[]): string => parts.join(SEPARATOR);

function canvas(width: number, height: number): CanvasRenderingContext2D | null {
  const element = document.createElement('canvas');
  element.width = Math.ceil(width * RATIO);
  element.height = Math.ceil(height * RATIO);
  const context = element.getContext('2d');
  context?.scale(RATIO, RATIO);
  return context;
}

function done(context: CanvasRenderingContext2D): Drawn {
  const { width, height } = context.canvas;
  return { image: context.getImageData(0, 0, width, height), pixelRatio: RATIO };
}

function glyph(c: CanvasRenderingContext2D, path: string, size: number, inset: number): void {
  c.save();
  c.translate(inset, inset);
  c.scale((size - 2 * inset) / 24, (size - 2 * inset) / 24);
  c.fill(new Path2D(path));
  c.restore();
}

function disc(c: CanvasRenderingContext2D, centre: number, radius: number): void {
  c.beginPath();
  c.arc(centre, centre, radius, 0, 2 * Math.PI);
}

/** A disc in the verdict's colour with the kind's shape; a ring around it once verified. */
function incident(kind: string, verdict: string, checked: boolean, p: Palette): Drawn | null {
  const size = 28;
  const c = canvas(size, size);
  if (!c) return null;
  const colour = p.verdict[verdict] ?? p.muted;
  if (checked) {
    disc(c, size / 2, 12.6);
    c.strokeStyle = p.ink;
    c.lineWidth = 1.6;
    c.stroke();
  }
  disc(c, size / 2, 10.2);
  const solid = verdict === 'breach' || verdict === 'undetermined';
  c.fillStyle = solid ? colour : p.halo;
  c.fill();
  c.strokeStyle = solid ? p.symbolEdge : colour;
  c.lineWidth = solid ? 1.2 : 1.6;
  c.stroke();
  c.fillStyle = solid ? p.symbolEdge : colour;
  glyph(c, incidentGlyph(kind), size, 6.6);
  return done(c);
}

function outlined(path: string, size: number, fill: string, edge: string): Drawn | null {
  const c = canvas(size, size);
  if (!c) return null;
  c.translate(1, 1);
  c.scale((size - 2) / 24, (size - 2) / 24);
  const shape = new Path2D(path);
  c.strokeStyle = edge;
  c.lineJoin = 'round';
  c.lineWidth = 4;
  c.stroke(shape);
  c.fillStyle = fill;
  c.fill(shape);
  return done(c);
}

function label(style: string, text: string, p: Palette): Drawn | null {
  const strong = style === 'town1' || style === 'count';
  const size = { town1: 13, town2: 12, town3: 11, zone: 11, count: 12 }[style] ?? 12;
  const slant = style === 'zone' ? 'italic ' : '';
  const font = `${slant}${strong ? 600 : 500} ${size}px ${FONT}`;
  const shown = text.length > LABEL_CHARACTERS_MAX ? `${text.slice(0, 47)}…` : text;
  const measure = canvas(1, 1);
  if (!measure) return null;
  measure.font = font;
  const c = canvas(measure.measureText(shown).width + 8, size + 8);
  if (!c) return null;
  c.font = font;
  c.textBaseline = 'middle';
  c.lineJoin = 'round';
  c.lineWidth = 3;
  c.strokeStyle = style === 'count' ? 'transparent' : p.halo;
  c.strokeText(shown, 4, (size + 8) / 2);
  c.fillStyle = { zone: p.muted, count: p.symbolEdge }[style] ?? p.place;
  c.fillText(shown, 4, (size + 8) / 2);
  return done(c);
}

/** Slanted lines: what is not observable, and where satellite navigation was disturbed. */
function hatch(what: string, p: Palette): Drawn | null {
  const size = what === 'blind' ? 9 : 7;
  const c = canvas(size, size);
  if (!c) return null;
  c.strokeStyle = what === 'blind' ? p.ink : (p.health['jammed'] ?? p.ink);
  c.globalAlpha = what === 'blind' ? 0.55 : 0.5;
  c.lineWidth = what === 'blind' ? 1.1 : 1.4;
  for (const shift of [-size, 0, size]) {
    c.beginPath();
    const [from, to] = what === 'blind' ? [size, 0] : [0, size];
    c.moveTo(shift, from);
    c.lineTo(shift + size, to);
    c.stroke();
  }
  return done(c);
}

/** Draws the image with a name made by `imageName`; `null` when the name is not ours. */
export function draw(name: string): Drawn | null {
  const [what, theme, a = '', b = '', ...rest] = name.split(SEPARATOR);
  const p = palette(theme as Theme);
  switch (what) {
    case 'incident':
      return incident(a, b, rest[0] === 'checked', p);
    case 'track':
      return outlined(trackGlyph(a), 18, p.track[a] ?? p.track['other'] ?? p.muted, p.symbolEdge);
    case 'sensor':
      return outlined(sensorGlyph(a), a === 'post' ? 15 : 11, p.health[b] ?? p.muted, p.halo);
    case 'shield':
      return outlined(SHIELD, 16, p.protectedObject, p.halo);
    case 'hatch':
      return hatch(a, p);
    case 'label':
      return label(a, [b, ...rest].join(SEPARATOR), p);
    default:
      return null;
  }
}
