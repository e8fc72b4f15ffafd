// The fleet on a canvas: land, marks, and the regions that were proved. Owns its canvas's pixels and events; knows no paths
// and no views. While it moves it draws coarse land, when it stands fine land and the outlines of regions.
//
// A mark covers the disk around its chips' regions, or the disk is drawn: never a place more exact than what was proved.

import { geoEqualEarth, geoGraticule10, geoPath, type GeoProjection } from 'd3-geo';
import { kHalfHeight, kHalfWidth } from '../geo/equal_earth';
import type { Land } from '../geo/land';
import { disk } from '../geo/sphere';
import { SiteMarks, merged, type Mark } from './cluster';
import type { FleetPoints } from './fleet_points';
import { inksOf, type Inks } from './inks';
import { MarkSprites, markRadius } from './mark_sprites';

const kApartPx = 46;         // marks nearer than that become one
const kRestMs = 140;         // after so long without a move the fine picture is drawn
const kMostOutlines = 400;   // regions drawn at once
/** As wide as a continent: filled, a few of them would hide all others. They are edges alone. */
const kWideKm = 3000;
const kOutlinePx = 12;       // smaller regions are under their mark
const kMostScale = 60_000;   // pixels for an Earth's radius: 100 m a pixel
const kEarthKm = 6371.0088;

export interface FleetMapOptions {
  /** A mark was clicked or chosen; null: nothing is. */
  onChoose(mark: Mark | null): void;
  /** Marks stay apart at every zoom: for measuring. */
  everyChip?: boolean;
}

export class FleetMap {
  private land: Land | null = null;
  private fine: Land | null = null;
  private groups: { of: FleetPoints; marks: SiteMarks } | null = null;
  private sites: Mark[] = [];
  private levels = new Map<number, Mark[]>();
  private regions = new Map<string, GeoJSON.MultiPolygon>();
  private chosen: Mark | null = null;
  private lambda = 0;        // longitude of the middle, radians
  private middleY = 0;       // of the projection, downward
  private scale = 0;         // pixels for an Earth's radius; 0: as large as fits
  private width = 0;
  private height = 0;
  private inks: Inks;
  private sprites: MarkSprites;
  private frame = 0;
  private rest = 0;
  private moving = false;
  private marked = false;
  private readonly paint: CanvasRenderingContext2D;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly canvas: HTMLCanvasElement, private readonly options: FleetMapOptions) {
    this.paint = canvas.getContext('2d', { alpha: false })!;
    this.inks = inksOf(canvas);
    this.sprites = new MarkSprites(this.inks, this.ratio());
    this.listen();
    const sizes = new ResizeObserver(() => this.resize());
    sizes.observe(canvas);
    this.ends.push(() => sizes.disconnect(), () => cancelAnimationFrame(this.frame), () => clearTimeout(this.rest));
    this.resize();
  }
  end(): void {
    for (const end of this.ends) end();
  }

  setLand(coarse: Land, fine: Land | null): void {
    this.land = coarse;
    this.fine = fine ?? this.fine;
    this.ask();
  }
  setPoints(points: FleetPoints): Mark[] {
    if (this.groups?.of !== points) this.groups = { of: points, marks: new SiteMarks(points) };
    this.sites = this.options.everyChip ? apart(points) : this.groups.marks.now();
    this.levels.clear();
    this.ask();
    return this.sites;
  }
  /** The exact regions of some chips, by chip id; they are drawn in place of the disks around them. */
  setRegions(regions: Map<string, GeoJSON.MultiPolygon>): void {
    this.regions = regions;
    this.ask();
  }
  choose(mark: Mark | null, go: boolean): void {
    this.chosen = mark;
    if (mark && go) {
      const reach = Math.max(mark.radiusKm / kEarthKm, 0.002);
      this.lambda = mark.lon;
      this.middleY = mark.y;
      this.scale = this.within(Math.min(this.width, this.height) / (5 * reach));
    }
    this.ask();
  }
  refreshInks(): void {
    this.inks = inksOf(this.canvas);
    this.sprites = new MarkSprites(this.inks, this.ratio());
    this.draw();  // at once: paper does not wait for a frame
  }
  home(): void {
    this.lambda = 0;
    this.middleY = 0;
    this.scale = this.least();
    this.ask();
  }
  pan(dx: number, dy: number): void {
    this.lambda -= dx / (this.scale * 0.9);
    this.middleY -= dy / this.scale;
    this.moved();
  }
  zoom(by: number, x = this.width / 2, y = this.height / 2): void {
    const before = this.scale;
    this.scale = this.within(this.scale * by);
    const held = 1 / before - 1 / this.scale;  // what is under the pointer stays there
    this.lambda += (x - this.width / 2) * held;
    this.middleY += (y - this.height / 2) * held;
    this.moved();
  }

  private ratio(): number {
    return Math.min(2, globalThis.devicePixelRatio || 1);
  }
  private least(): number {
    return Math.min(this.width / (2 * kHalfWidth), this.height / (2 * kHalfHeight)) * 0.98;
  }
  private within(scale: number): number {
    return Math.min(kMostScale, Math.max(this.least(), scale));
  }
  private resize(): void {
    const box = this.canvas.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) return;
    const first = this.scale === 0;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * this.ratio());
    this.canvas.height = Math.round(box.height * this.ratio());
    this.scale = first ? this.least() : this.within(this.scale);
    this.ask();
  }
  private moved(): void {
    this.moving = true;
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => {
      this.moving = false;
      this.ask();
    }, kRestMs);
    this.ask();
  }
  private ask(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private projection(): GeoProjection {
    return geoEqualEarth()
      .rotate([(-this.lambda * 180) / Math.PI, 0])
      .scale(this.scale)
      .translate([this.width / 2, this.height / 2 - this.scale * this.middleY])
      .precision(this.moving ? 3 : 0.7)
      .clipExtent([[-20, -20], [this.width + 20, this.height + 20]]);
  }
  private marks(): Mark[] {
    if (this.options.everyChip) return this.sites;
    const level = Math.round(Math.log2(this.scale));
    let marks = this.levels.get(level);
    if (!marks) this.levels.set(level, (marks = merged(this.sites, kApartPx / 2 ** level)));
    return marks;
  }
  private at(mark: Mark): { x: number; y: number } {
    const turns = (mark.lon - this.lambda) / (2 * Math.PI);
    const lon = (turns - Math.round(turns)) * 2 * Math.PI;
    return { x: this.width / 2 + this.scale * mark.factor * lon, y: this.height / 2 + this.scale * (mark.y - this.middleY) };
  }
  /** Pixels from the middle of a mark to the edge of its regions. */
  private reach(mark: Mark): number {
    return (mark.radiusKm / kEarthKm) * this.scale;
  }

  private draw(): void {
    if (this.width === 0) return;
    const limit = Math.max(0, kHalfHeight - this.height / (2 * this.scale));
    this.middleY = Math.max(-limit, Math.min(limit, this.middleY));
    const { paint, inks } = this;
    paint.setTransform(this.ratio(), 0, 0, this.ratio(), 0, 0);
    paint.fillStyle = inks.space;
    paint.fillRect(0, 0, this.width, this.height);
    const path = geoPath(this.projection(), paint);
    const fill = (shape: GeoJSON.GeoJSON | { type: 'Sphere' }, ink: string) => {
      paint.beginPath();
      path(shape as GeoJSON.Feature);
      paint.fillStyle = ink;
      paint.fill();
    };
    const stroke = (shape: GeoJSON.GeoJSON | { type: 'Sphere' }, ink: string, width: number) => {
      paint.beginPath();
      path(shape as GeoJSON.Feature);
      paint.strokeStyle = ink;
      paint.lineWidth = width;
      paint.stroke();
    };
    fill({ type: 'Sphere' }, inks.sea);
    const land = this.moving ? this.land : (this.fine ?? this.land);
    if (land) {
      fill(land.land, inks.land);
      if (!this.moving) {
        stroke(geoGraticule10(), inks.degrees, 0.5);
        stroke(land.borders, inks.border, 0.6);
      }
    }
    stroke({ type: 'Sphere' }, inks.border, 1);
    this.drawMarks(path);
  }

  private drawMarks(path: (shape: GeoJSON.Feature) => void): void {
    const { paint } = this;
    let outlines = 0;
    const marks = this.marks();
    if (marks.length > 0 && !this.marked) {
      this.marked = true;
      performance.mark('first-marks');  // for who measures
    }
    const shown: { mark: Mark; x: number; y: number }[] = [];
    // Regions first, the widest below: no mark is under another's region.
    const reaching: Mark[] = [];
    for (const mark of marks) {
      const { x, y } = this.at(mark);
      const reach = this.reach(mark);
      const margin = reach + 30;
      if (x < -margin || y < -margin || x > this.width + margin || y > this.height + margin) continue;
      // A projected disk is up to 1.6 times longer than wide.
      const covered = markRadius(mark.count) >= 1.6 * reach;
      if (!covered && outlines < kMostOutlines) {
        outlines += 1;
        reaching.push(mark);
      }
      if (covered || mark.count > 1) shown.push({ mark, x, y });
    }
    reaching.sort((a, b) => b.radiusKm - a.radiusKm);
    for (const mark of reaching) this.drawReach(mark, path);
    for (const { mark, x, y } of shown) {
      const sprite = this.sprites.of(mark.worst, mark.count);
      paint.drawImage(sprite.picture, x - sprite.half, y - sprite.half, 2 * sprite.half, 2 * sprite.half);
    }
    if (this.chosen) this.drawChosen(this.chosen, path);
  }
  /** A ring around what is chosen, and its chips' exact regions once they are known. */
  private drawChosen(mark: Mark, path: (shape: GeoJSON.Feature) => void): void {
    const { paint, inks } = this;
    const { x, y } = this.at(mark);
    if (!this.moving && this.reach(mark) > kOutlinePx) {
      paint.strokeStyle = inks['region-edge'];
      paint.lineWidth = 1.5;
      for (const shape of this.regions.values()) {
        paint.beginPath();
        path(shape as unknown as GeoJSON.Feature);
        paint.stroke();
      }
    }
    paint.beginPath();
    paint.arc(x, y, markRadius(mark.count) + 6, 0, 2 * Math.PI);
    paint.strokeStyle = inks.focus;
    paint.lineWidth = 3;
    paint.stroke();
  }
  private drawReach(mark: Mark, path: (shape: GeoJSON.Feature) => void): void {
    const around = disk({ lat_deg: mark.lat, lon_deg: (mark.lon * 180) / Math.PI }, mark.radiusKm);
    if (!around) return;
    const { paint, inks } = this;
    paint.beginPath();
    path(around as unknown as GeoJSON.Feature);
    const wide = mark.radiusKm > kWideKm;
    if (!wide) {
      paint.fillStyle = inks.region;
      paint.fill();
    }
    paint.strokeStyle = inks['region-edge'];
    paint.lineWidth = wide ? 0.8 : 1.5;
    paint.stroke();
  }

  private pick(x: number, y: number): Mark | null {
    let best: Mark | null = null, nearest = Infinity;
    for (const mark of this.marks()) {
      const at = this.at(mark);
      const away = Math.hypot(at.x - x, at.y - y);
      const edge = Math.max(markRadius(mark.count) + 4, Math.min(this.reach(mark), 60), 12);
      if (away <= edge && away < nearest) {
        best = mark;
        nearest = away;
      }
    }
    return best;
  }
  private listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions) => {
      this.canvas.addEventListener(name, act, options);
      this.ends.push(() => this.canvas.removeEventListener(name, act));
    };
    const down = new Map<number, { x: number; y: number }>();
    let travelled = 0;
    on('pointerdown', (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      if (down.size === 1) travelled = 0;
    });
    on('pointermove', (event) => {
      const before = down.get(event.pointerId);
      if (!before) return;
      const now = { x: event.offsetX, y: event.offsetY };
      const others = [...down].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const other = others[0];
      if (other) {
        const far = (at: { x: number; y: number }) => Math.max(10, Math.hypot(at.x - other.x, at.y - other.y));
        this.zoom(far(now) / far(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
        travelled += 10;
      } else {
        travelled += Math.hypot(now.x - before.x, now.y - before.y);
        this.pan(now.x - before.x, now.y - before.y);
      }
      down.set(event.pointerId, now);
    });
    const up = (event: PointerEvent) => {
      if (!down.delete(event.pointerId) || event.type === 'pointercancel' || travelled > 5) return;
      this.chosen = this.pick(event.offsetX, event.offsetY);
      this.options.onChoose(this.chosen);
      this.ask();
    };
    on('pointerup', up);
    on('pointercancel', up);
    on('wheel', (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.offsetX, event.offsetY);
    }, { passive: false });
    on('keydown', (event) => {
      const step = 80;
      const acts: Record<string, () => void> = {
        ArrowLeft: () => this.pan(step, 0), ArrowRight: () => this.pan(-step, 0),
        ArrowUp: () => this.pan(0, step), ArrowDown: () => this.pan(0, -step),
        '+': () => this.zoom(1.5), '=': () => this.zoom(1.5), '-': () => this.zoom(1 / 1.5), Home: () => this.home(),
      };
      const act = acts[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
  }
}

/** A mark for each chip. */
function apart(points: FleetPoints): Mark[] {
  return Array.from({ length: points.size }, (_, i) => ({
    factor: points.factor[i]!, y: points.y[i]!, lon: points.lon[i]!, lat: points.lat[i]!, radiusKm: points.radiusKm[i]!,
    count: 1, byState: new Uint32Array(0), worst: points.state[i]!, site: points.site[i]!, first: i,
  }));
}
