// Marks, drawn once each and stamped many times.

import { kMapStates, kShapePaths, mapLook } from '../states';
import type { Inks } from './inks';

/** "7", "812", "1.2k", "31k": at most four characters. */
export function shortCount(n: number): string {
  if (n < 1000) return String(n);
  if (n < 9950) return `${(n / 1000).toFixed(1)}k`;
  if (n < 999_500) return `${Math.round(n / 1000)}k`;
  return `${(n / 1e6).toFixed(1)}M`;
}

/** Pixels from the middle of a mark to its edge: grows with the number, slowly. */
export function markRadius(count: number): number {
  return count <= 1 ? 6 : Math.min(26, 11 + 2.2 * Math.log2(count));
}

export interface Sprite {
  picture: HTMLCanvasElement;
  half: number;  // CSS pixels from its middle to its edge
}

export class MarkSprites {
  private kept = new Map<string, Sprite>();
  constructor(private readonly inks: Inks, private readonly pixelRatio: number) {}

  of(state: number, count: number): Sprite {
    const label = count > 1 ? shortCount(count) : '';
    const key = `${state}|${label}`;
    let sprite = this.kept.get(key);
    if (!sprite) this.kept.set(key, (sprite = this.draw(state, label, markRadius(count))));
    return sprite;
  }

  private draw(state: number, label: string, radius: number): Sprite {
    const look = mapLook(kMapStates[state] ?? '');
    const half = Math.ceil(radius + 3);
    const picture = document.createElement('canvas');
    picture.width = picture.height = Math.ceil(2 * half * this.pixelRatio);
    const paint = picture.getContext('2d')!;
    paint.scale(this.pixelRatio, this.pixelRatio);
    paint.translate(half, half);
    const tone = this.inks[look.tone];
    const outline = new Path2D();
    if (label) {
      // A plate for the number, and the shape above it.
      outline.arc(0, 0, radius, 0, 2 * Math.PI);
      paint.fillStyle = tone;
      paint.fill(outline);
      paint.lineWidth = 2;
      paint.strokeStyle = this.inks.paper;
      paint.stroke(outline);
      paint.fillStyle = this.inks[`on-${look.tone}`];
      const size = Math.max(4, radius * 0.3);
      paint.save();
      paint.translate(0, -radius * 0.48);
      paint.scale(size, size);
      paint.fill(new Path2D(kShapePaths[look.shape]), 'evenodd');
      paint.restore();
      paint.font = `600 ${Math.max(10, Math.round(radius * 0.62))}px system-ui, sans-serif`;
      paint.textAlign = 'center';
      paint.textBaseline = 'middle';
      paint.fillText(label, 0, radius * 0.26);
    } else {
      outline.addPath(new Path2D(kShapePaths[look.shape]), new DOMMatrix([radius, 0, 0, radius, 0, 0]));
      paint.lineWidth = 3;
      paint.strokeStyle = this.inks.paper;
      paint.stroke(outline);
      paint.fillStyle = tone;
      paint.fill(outline, 'evenodd');
    }
    return { picture, half };
  }
}
