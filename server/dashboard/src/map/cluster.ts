// Which chips one mark stands for. Two steps: chips of one site whose proofs are about one place, once; then, at each zoom,
// what would lie on top of each other.
//
// A mark stands in the middle of its chips, weighed by their number, and reaches as far as their regions do. So it never says
// a place more exactly than what was proved. A chip that is proved to be elsewhere than its site has a mark of its own.

import { equalEarth } from '../geo/equal_earth';
import { kMapStates } from '../states';
import type { FleetPoints } from './fleet_points';

export interface Mark {
  factor: number;
  y: number;
  lon: number;       // radians
  lat: number;       // degrees
  radiusKm: number;  // around the middle: every region is inside
  count: number;
  byState: Uint32Array;  // as kMapStates
  worst: number;
  /** Index into the fleet's sites; -1: none, or several. */
  site: number;
  first: number;     // one of its chips
  /** Of a merged one: the marks that lie on top of each other. */
  parts?: Mark[];
}

const kEarthKm = 6371.0088;
/** Chips of a site are of one place if the middles of their regions lie in one cell of so many degrees. */
const kSiteCellDeg = 2;
const kColumns = 360 / kSiteCellDeg;

/** A great-circle distance. */
export function distanceKm(latA: number, lonA: number, latB: number, lonB: number): number {
  const a = (latA * Math.PI) / 180, b = (latB * Math.PI) / 180;
  const h = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin((lonB - lonA) / 2) ** 2;
  return 2 * kEarthKm * Math.asin(Math.min(1, Math.sqrt(h)));
}

class Sum {
  x = 0;
  y = 0;
  z = 0;
  count = 0;
  byState = new Uint32Array(kMapStates.length);
  site = -2;  // none seen yet
  members: number[] = [];
  constructor(readonly first: number) {}

  add(lat: number, lon: number, count: number, site: number, member: number): void {
    const phi = (lat * Math.PI) / 180, cos = Math.cos(phi);
    this.x += count * cos * Math.cos(lon);
    this.y += count * cos * Math.sin(lon);
    this.z += count * Math.sin(phi);
    this.count += count;
    this.site = this.site === -2 || this.site === site ? site : -1;
    this.members.push(member);
  }
  /** `radius(member)` and its place say how far the mark reaches. */
  mark(of: (member: number) => { lat: number; lon: number; radiusKm: number }): Mark {
    const lon = Math.atan2(this.y, this.x);
    const lat = (Math.atan2(this.z, Math.hypot(this.x, this.y)) * 180) / Math.PI;
    let radiusKm = 0;
    for (const member of this.members) {
      const one = of(member);
      radiusKm = Math.max(radiusKm, distanceKm(lat, lon, one.lat, one.lon) + one.radiusKm);
    }
    let worst = 0;
    for (let state = 0; state < this.byState.length; ++state) if (this.byState[state]! > 0) worst = state;
    return { ...equalEarth(lat), lat, lon, radiusKm, count: this.count, byState: this.byState, worst, site: Math.max(this.site, -1), first: this.first };
  }
}

/** One mark for each site and place; a chip without a site is one of its own place. Takes chips as they come. */
export class SiteMarks {
  private sums = new Map<number, Sum>();
  private marks = new Map<Sum, Mark>();
  private taken = 0;
  constructor(private readonly points: FleetPoints) {}

  /** With the chips that have come since. */
  now(): Mark[] {
    const { points } = this;
    for (; this.taken < points.size; ++this.taken) {
      const i = this.taken, lat = points.lat[i]!, lon = points.lon[i]!;
      const column = (Math.round((lon * 180) / Math.PI / kSiteCellDeg) + kColumns) % kColumns;  // around the antimeridian
      const key = (points.site[i]! + 1) * 65_536 + (Math.round(lat / kSiteCellDeg) + 64) * 256 + column;
      let sum = this.sums.get(key);
      if (!sum) this.sums.set(key, (sum = new Sum(i)));
      sum.add(lat, lon, 1, points.site[i]!, i);
      sum.byState[points.state[i]!]! += 1;
      this.marks.delete(sum);
    }
    return [...this.sums.values()].map((sum) => {
      let mark = this.marks.get(sum);
      if (!mark) {
        mark = sum.mark((i) => ({ lat: points.lat[i]!, lon: points.lon[i]!, radiusKm: points.radiusKm[i]! }));
        this.marks.set(sum, mark);
      }
      return mark;
    });
  }
}
export const bySite = (points: FleetPoints): Mark[] => new SiteMarks(points).now();

/** Marks that lie in one cell of the plane become one. `cell` is in the projection's units: pixels apart, by the scale. */
export function merged(marks: readonly Mark[], cell: number): Mark[] {
  const sums = new Map<number, Sum>();
  marks.forEach((mark, i) => {
    const key = Math.floor((mark.factor * mark.lon) / cell) * 1_000_003 + Math.floor(mark.y / cell);
    let sum = sums.get(key);
    if (!sum) sums.set(key, (sum = new Sum(mark.first)));
    sum.add(mark.lat, mark.lon, mark.count, mark.site, i);
    for (let state = 0; state < mark.byState.length; ++state) sum.byState[state]! += mark.byState[state]!;
  });
  return [...sums.values()].map((sum) => {
    const parts = sum.members.map((i) => marks[i]!);
    return parts.length === 1 ? parts[0]! : { ...sum.mark((i) => marks[i]!), parts };
  });
}
