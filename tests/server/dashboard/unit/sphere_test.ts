import { geoArea, geoAzimuthalEqualArea, geoContains, geoEqualEarth, geoPath } from 'd3-geo';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { disk, kEverywhereKm, toSphere } from '../../../../server/dashboard/src/geo/sphere';
import type { Verdict } from '../../../../server/dashboard/src/types';

const kSphere = 4 * Math.PI;
const kEarthKm2 = kSphere * 6371.0088 ** 2;
const km2 = (shape: GeoJSON.GeoJSON | null) => (geoArea(shape as GeoJSON.Feature) / kSphere) * kEarthKm2;
const has = (shape: GeoJSON.GeoJSON | null, lon: number, lat: number) => geoContains(shape as GeoJSON.Feature, [lon, lat]);
const box = (west: number, south: number, east: number, north: number): GeoJSON.Position[] =>
  [[west, south], [east, south], [east, north], [west, north], [west, south]];
const polygon = (...rings: GeoJSON.Position[][]): GeoJSON.Polygon => ({ type: 'Polygon', coordinates: rings });
/** Of a box between parallels, exactly. */
const boxKm2 = (west: number, south: number, east: number, north: number) =>
  ((east - west) / 360) * ((Math.sin((north * Math.PI) / 180) - Math.sin((south * Math.PI) / 180)) / 2) * kEarthKm2;
/** Seeded, so that a failure comes again. */
function dice(seed: number): () => number {
  return () => ((seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32);
}

describe('sphere: which side of a ring is inside', () => {
  it('an outer ring as RFC 7946 has it', () => {
    const shape = toSphere(polygon(box(6, 47.5, 12.5, 53.5)));
    expect(km2(shape)).toBeCloseTo(boxKm2(6, 47.5, 12.5, 53.5), -3);
    expect(has(shape, 9, 50)).toBe(true);
    expect(has(shape, -9, 50)).toBe(false);
  });
  it('the same ring the other way round is the same area', () => {
    const shape = toSphere(polygon(box(6, 47.5, 12.5, 53.5).reverse()));
    expect(km2(shape)).toBeCloseTo(boxKm2(6, 47.5, 12.5, 53.5), -3);
  });
  it('a hole stays one, whichever way it winds', () => {
    for (const hole of [box(8, 49, 10, 51), box(8, 49, 10, 51).reverse()]) {
      const shape = toSphere(polygon(box(6, 47, 12, 53), hole));
      expect(has(shape, 9, 50)).toBe(false);
      expect(has(shape, 7, 48)).toBe(true);
      expect(km2(shape)).toBeCloseTo(boxKm2(6, 47, 12, 53) - boxKm2(8, 49, 10, 51), -3);
    }
  });
  it('random boxes hold what they hold on the plane', () => {
    const roll = dice(7);
    for (let n = 0; n < 200; ++n) {
      const west = -180 + 300 * roll(), south = -88 + 150 * roll();
      const east = Math.min(180, west + 1 + 358 * roll()), north = Math.min(89, south + 1 + 60 * roll());
      const ring = box(west, south, east, north);
      const shape = toSphere(polygon(roll() < 0.5 ? ring : ring.reverse()));
      for (let k = 0; k < 8; ++k) {
        const lon = -180 + 360 * roll(), lat = -89 + 178 * roll();
        // Parallels are drawn to within a hundredth of a degree or so.
        const margin = Math.min(Math.abs(lon - west), Math.abs(lon - east), Math.abs(lat - south), Math.abs(lat - north));
        if (margin < 0.05) continue;
        expect(has(shape, lon, lat), `${west} ${south} ${east} ${north}: ${lon} ${lat}`).toBe(lon > west && lon < east && lat > south && lat < north);
      }
    }
  });
});

describe('sphere: antimeridian, poles, more than half of the globe', () => {
  it('two parts at the antimeridian', () => {
    const shape = toSphere({ type: 'MultiPolygon', coordinates: [[box(170, -20, 180, -10)], [box(-180, -20, -175, -10)]] });
    expect(km2(shape)).toBeCloseTo(boxKm2(170, -20, 185, -10), -3);
    expect(has(shape, 179.5, -15) && has(shape, -179.5, -15)).toBe(true);
    expect(has(shape, 0, -15)).toBe(false);
  });
  it('a cap around a pole, closed along it', () => {
    const shape = toSphere(polygon([[-180, -90], [180, -90], [180, -70], [-180, -70], [-180, -90]]));
    expect(km2(shape)).toBeCloseTo(boxKm2(-180, -90, 180, -70), -4);
    expect(has(shape, 33, -80) && has(shape, 179, -71)).toBe(true);
    expect(has(shape, 33, -60) || has(shape, 33, 80)).toBe(false);
  });
  it('everything is everything, and drawn so', () => {
    const shape = toSphere(polygon(box(-180, -90, 180, 90)));
    expect(km2(shape) / kEarthKm2).toBeCloseTo(1, 6);
    for (const projection of [geoEqualEarth(), geoAzimuthalEqualArea().rotate([-30, -40]).clipAngle(179.5)]) {
      const path = geoPath(projection);
      expect(path.area(shape!) / path.area({ type: 'Sphere' })).toBeCloseTo(1, 2);
    }
  });
  it('all but a box', () => {
    const shape = toSphere(polygon(box(-180, -90, 180, 90), box(10, 10, 30, 30)));
    expect(km2(shape)).toBeCloseTo(kEarthKm2 - boxKm2(10, 10, 30, 30), -4);
    expect(has(shape, 20, 20)).toBe(false);
    expect(has(shape, -120, 20)).toBe(true);
  });
  it('a hole over a cut', () => {
    const shape = toSphere(polygon(box(-180, -60, 180, 60), box(80, -10, 100, 10)));
    expect(has(shape, 85, 0) || has(shape, 95, 0)).toBe(false);
    expect(has(shape, 75, 0) && has(shape, 105, 0)).toBe(true);
  });
});

describe('sphere: what is sent', () => {
  it('features and collections are their geometries', () => {
    const feature: GeoJSON.Feature = { type: 'Feature', properties: null, geometry: polygon(box(0, 0, 1, 1)) };
    const all = toSphere({ type: 'FeatureCollection', features: [feature, { ...feature, geometry: polygon(box(5, 5, 6, 6)) }] });
    expect(all!.coordinates).toHaveLength(2);
  });
  it('what has no area is nothing', () => {
    for (const none of [null, undefined, { type: 'Point', coordinates: [1, 2] } as GeoJSON.Point, polygon([]), polygon([[0, 0], [1, 1], [0, 0]]), { type: 'MultiPolygon', coordinates: [] } as GeoJSON.MultiPolygon]) {
      expect(toSphere(none)).toBe(null);
    }
  });
  it("chiplocd's regions: as large as their disk at most, and around their middle", () => {
    const folder = new URL('../fixtures/v1/verdicts/', import.meta.url);
    let seen = 0;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const { region } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Verdict;
      if (!region) continue;
      seen += 1;
      const shape = toSphere(region.geometry);
      const whole = km2(disk(region.centre, region.radius_km));
      expect(km2(shape)).toBeLessThan(1.1 * whole);
      expect(km2(shape)).toBeGreaterThan(0.02 * whole);
      expect(has(shape, region.centre.lon_deg, region.centre.lat_deg)).toBe(true);
    }
    expect(seen).toBeGreaterThan(10);
  });
});

describe('disk', () => {
  /** So far from a place in a direction, on a sphere. */
  const gone = (lat: number, lon: number, bearing: number, km: number): [number, number] => {
    const [phi, d] = [(lat * Math.PI) / 180, km / 6371.0088];
    const to = Math.asin(Math.sin(phi) * Math.cos(d) + Math.cos(phi) * Math.sin(d) * Math.cos(bearing));
    const by = Math.atan2(Math.sin(bearing) * Math.sin(d) * Math.cos(phi), Math.cos(d) - Math.sin(phi) * Math.sin(to));
    return [lon + (by * 180) / Math.PI, (to * 180) / Math.PI];
  };
  it('is never smaller than what it stands for, and hardly larger', () => {
    const roll = dice(3);
    for (let n = 0; n < 200; ++n) {
      const centre = { lat_deg: -89 + 178 * roll(), lon_deg: -180 + 360 * roll() };
      const radius = 10 + 19_000 * roll() ** 2, bearing = 2 * Math.PI * roll();
      const shape = disk(centre, radius)!;
      const where = JSON.stringify({ centre, radius, bearing });
      expect(has(shape, ...gone(centre.lat_deg, centre.lon_deg, bearing, radius)), where).toBe(true);
      expect(has(shape, ...gone(centre.lat_deg, centre.lon_deg, bearing, radius * 1.008)), where).toBe(false);
    }
  });
  it('is nothing to draw where it is everywhere', () => {
    expect(disk({ lat_deg: 0, lon_deg: 0 }, kEverywhereKm)).toBe(null);
    expect(disk({ lat_deg: 0, lon_deg: 0 }, kEverywhereKm - 1)).not.toBe(null);
  });
});
