// Chips as columns of numbers: a hundred thousand of them are drawn many times a second.
//
// A point is the middle of a proved region and never stands without its radius: whoever draws it covers the region.

import { kMapStates, type MapState } from '../states';
import { equalEarth } from '../geo/equal_earth';
import { expired } from '../time';
import type { Chip } from '../types';

export class FleetPoints {
  size = 0;
  factor = new Float32Array(1024);  // of the longitude, by the latitude
  y = new Float32Array(1024);
  lon = new Float32Array(1024);     // radians
  lat = new Float32Array(1024);     // degrees
  radiusKm = new Float32Array(1024);
  state = new Uint8Array(1024);     // index into kMapStates
  site = new Int32Array(1024);      // index into sites; -1: none
  ids: string[] = [];
  sites: string[] = [];
  /** Chips without a place: never measured, silent, or sealed from this reader. By state. */
  unplaced = new Map<MapState, number>();
  private siteIndex = new Map<string, number>();

  add(chip: Chip, now: number): void {
    const verdict = chip.last_verdict;
    const good = verdict !== null && !expired(verdict.expires_at, now);
    const state: MapState = good && kMapStates.includes(verdict.state) ? verdict.state : '';
    const region = verdict?.region;
    if (!region) {
      this.unplaced.set(state, (this.unplaced.get(state) ?? 0) + 1);
      return;
    }
    this.place(chip.chip_id, region.centre.lat_deg, region.centre.lon_deg, region.radius_km, kMapStates.indexOf(state), chip.site);
  }

  place(id: string, latDeg: number, lonDeg: number, radiusKm: number, state: number, site: string | null): void {
    if (this.size === this.y.length) this.grow();
    const at = this.size++;
    const projected = equalEarth(latDeg);
    this.factor[at] = projected.factor;
    this.y[at] = projected.y;
    this.lon[at] = (lonDeg * Math.PI) / 180;
    this.lat[at] = latDeg;
    this.radiusKm[at] = radiusKm;
    this.state[at] = state;
    this.site[at] = this.siteNumber(site);
    this.ids.push(id);
  }

  private siteNumber(site: string | null): number {
    if (site === null) return -1;
    let index = this.siteIndex.get(site);
    if (index === undefined) {
      index = this.sites.length;
      this.sites.push(site);
      this.siteIndex.set(site, index);
    }
    return index;
  }
  private grow(): void {
    const wider = <T extends Float32Array | Uint8Array | Int32Array>(old: T, make: (n: number) => T): T => {
      const out = make(old.length * 2);
      out.set(old);
      return out;
    };
    const floats = (n: number) => new Float32Array(n);
    this.factor = wider(this.factor, floats);
    this.y = wider(this.y, floats);
    this.lon = wider(this.lon, floats);
    this.lat = wider(this.lat, floats);
    this.radiusKm = wider(this.radiusKm, floats);
    this.state = wider(this.state, (n) => new Uint8Array(n));
    this.site = wider(this.site, (n) => new Int32Array(n));
  }
}
