// From the geometry that chiplocd sends to what d3-geo draws. The only place where rings are turned.
//
// RFC 7946: planar, in degrees; outer rings counter-clockwise; cut at the antimeridian; edges are straight in longitude and
// latitude. d3-geo: on the sphere; outer rings clockwise, or everything else is filled; edges are great circles; a ring may
// cross anything. So
//   - a ring is turned by its planar area, whichever way it came (files that people import wind either way);
//   - what spans more than half of the globe in longitude is cut into columns of 90 degrees: a great circle takes the short
//     way, so one ring around most of the globe would become a sliver;
//   - long edges get points between, so that a parallel stays one.
// Regions of chiplocd (geo/geojson.hpp) have small columns and short edges already; only areas need the last two.

import { geoCircle } from 'd3-geo';
import type { Place } from '../types';

type Ring = GeoJSON.Position[];
type Polygon = Ring[];

/** The smallest radius of curvature of the Earth: a length on it never covers more degrees than on this sphere. */
export const kSmallestRadiusKm = 6335.4;
/** Half the way around, on that sphere: a disk of this radius is everywhere. */
export const kEverywhereKm = Math.PI * kSmallestRadiusKm;
const kColumn = 90;
const kWidest = 175;
const kLongestEdge = 2;

const lonOf = (p: GeoJSON.Position) => p[0] ?? 0;
const latOf = (p: GeoJSON.Position) => p[1] ?? 0;

/** Twice the area on the plane of degrees; positive: counter-clockwise. */
function doubleArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j]!, b = ring[i]!;
    sum += lonOf(a) * latOf(b) - lonOf(b) * latOf(a);
  }
  return sum;
}

/** The part of a ring with `keep(value) >= 0`, after Sutherland and Hodgman. */
function clipped(ring: Ring, distance: (p: GeoJSON.Position) => number): Ring {
  const out: Ring = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j]!, b = ring[i]!;
    const da = distance(a), db = distance(b);
    if (da >= 0 !== db >= 0) {
      const share = da / (da - db);
      out.push([lonOf(a) + share * (lonOf(b) - lonOf(a)), latOf(a) + share * (latOf(b) - latOf(a))]);
    }
    if (db >= 0) out.push(b);
  }
  return out;
}

/** Closed, with points between, the way asked for. */
function drawn(open: Ring, clockwise: boolean): Ring {
  const ring = doubleArea(open) > 0 === clockwise ? [...open].reverse() : open;
  const out: Ring = [];
  for (let i = 0; i < ring.length; ++i) {
    const a = ring[i]!, b = ring[(i + 1) % ring.length]!;
    // Great circles differ from straight edges by their span in longitude; meridians are great circles.
    const steps = Math.max(1, Math.ceil(Math.abs(lonOf(b) - lonOf(a)) / kLongestEdge));
    for (let n = 0; n < steps; ++n) {
      const share = n / steps;
      out.push([lonOf(a) + share * (lonOf(b) - lonOf(a)), latOf(a) + share * (latOf(b) - latOf(a))]);
    }
  }
  out.push(out[0]!);
  return out;
}

/** Without the repeated last point and points that repeat. */
function opened(ring: Ring): Ring {
  const out = ring.filter((p, i) => i === 0 || lonOf(p) !== lonOf(ring[i - 1]!) || latOf(p) !== latOf(ring[i - 1]!));
  const first = out[0], last = out[out.length - 1];
  if (first && last && out.length > 1 && lonOf(first) === lonOf(last) && latOf(first) === latOf(last)) out.pop();
  return out;
}

function pieces(polygon: Polygon): Polygon[] {
  const rings = polygon.map(opened).filter((ring) => ring.length >= 3 && doubleArea(ring) !== 0);
  const outer = rings[0];
  if (!outer) return [];
  let west = Infinity, east = -Infinity;
  for (const p of outer) {
    west = Math.min(west, lonOf(p));
    east = Math.max(east, lonOf(p));
  }
  if (east - west <= kWidest) return [rings];
  const out: Polygon[] = [];
  for (let from = Math.floor(west / kColumn) * kColumn; from < east; from += kColumn) {
    const column = rings
      .map((ring) => clipped(clipped(ring, (p) => lonOf(p) - from), (p) => from + kColumn - lonOf(p)))
      .map(opened)
      .filter((ring) => ring.length >= 3 && Math.abs(doubleArea(ring)) > 1e-9);
    // A hole may cover the column, or lie in another one; the outer ring may not reach into it.
    if (column[0] && rings[0] && clipped(rings[0], (p) => lonOf(p) - from).length > 0) out.push(column);
  }
  return out;
}

/** What d3 draws; null for what is no area, or has none. Takes geometries, features and collections. */
export function toSphere(sent: GeoJSON.GeoJSON | null | undefined): GeoJSON.MultiPolygon | null {
  const coordinates: GeoJSON.Position[][][] = [];
  const add = (one: GeoJSON.GeoJSON | null) => {
    if (!one) return;
    if (one.type === 'FeatureCollection') one.features.forEach(add);
    else if (one.type === 'Feature') add(one.geometry);
    else if (one.type === 'GeometryCollection') one.geometries.forEach(add);
    else if (one.type === 'Polygon' || one.type === 'MultiPolygon') {
      const polygons = one.type === 'Polygon' ? [one.coordinates] : one.coordinates;
      for (const polygon of polygons) {
        for (const rings of pieces(polygon)) coordinates.push(rings.map((ring, i) => drawn(ring, i === 0)));
      }
    }
  };
  add(sent ?? null);
  return coordinates.length > 0 ? { type: 'MultiPolygon', coordinates } : null;
}

/** A disk on the ground, drawn outward. Null: it is everywhere, and excludes nothing. */
export function disk(centre: Place, radiusKm: number): GeoJSON.Polygon | null {
  if (!(radiusKm < kEverywhereKm)) return null;
  const degrees = ((Math.max(radiusKm, 0.001) / kSmallestRadiusKm) * 180) / Math.PI;
  return geoCircle().center([centre.lon_deg, centre.lat_deg]).radius(degrees).precision(2)();
}
