// What stands in the picture of a verdict, as paths of SVG: pure, from numbers alone.

import { geoAzimuthalEqualArea, geoGraticule, geoPath, type GeoPermissibleObjects } from 'd3-geo';
import type { Land } from '../geo/land';
import { disk, kEverywhereKm, toSphere } from '../geo/sphere';
import type { AnchorEvidence, Estimate, Place, Territory, Verdict } from '../types';

export const kWidth = 960;
export const kHeight = 600;

export interface SceneDisk {
  anchor: string;
  path: string;
  used: boolean;
  hinge: boolean;
  km: number;
}
export interface SceneMark {
  name: string;
  x: number;
  y: number;
  /** Where its name stands; names do not lie on each other. */
  label: { x: number; y: number };
  used: boolean;
  hinge: boolean;
}
export interface Scene {
  sea: string;
  degrees: string;
  land: string;
  licensed: string;
  prohibited: string;
  areas: { name: string; path: string; prohibited: boolean }[];
  disks: SceneDisk[];
  regions: { path: string; holder: number }[];
  /** Its words stand in the picture wherever its middle is: hatching without them could be taken for something else. */
  suggested: { path: string; x: number; y: number; text: string; label: { x: number; y: number } } | null;
  anchors: SceneMark[];
  /** Disks that are everywhere: they exclude nothing, and are not drawn. */
  everywhere: string[];
  shownKm: number;  // from the middle to the nearer edge
}

export type Zoom = 'near' | 'wide' | 'world';

/** Where to look: at what was proved; else at the anchors that answered, else at all of them. */
export function middleOf(verdict: Verdict): { place: Place; radiusKm: number } | null {
  const region = verdict.region ?? verdict.holders.find((one) => one.region)?.region;
  if (region) return { place: region.centre, radiusKm: region.radius_km };
  const first = verdict.anchors.find((one) => one.answered && one.place) ?? verdict.anchors.find((one) => one.place);
  return first?.place ? { place: first.place, radiusKm: 2000 } : null;
}

/** The ellipse of two standard deviations: about 86 % if the fit were right, which nothing warrants. */
export function ellipse(estimate: Estimate): GeoJSON.Polygon {
  const { place, east_sd_km: east, north_sd_km: north, correlation } = estimate;
  const ring: GeoJSON.Position[] = [];
  const kmPerDegree = 111.195;
  const cos = Math.max(0.02, Math.cos((place.lat_deg * Math.PI) / 180));
  const skew = Math.sqrt(Math.max(0, 1 - correlation * correlation));
  for (let i = 0; i <= 72; ++i) {
    const t = (-i / 72) * 2 * Math.PI;  // clockwise, as d3 wants it
    const dx = 2 * east * Math.cos(t);
    const dy = 2 * north * (correlation * Math.cos(t) + skew * Math.sin(t));
    ring.push([place.lon_deg + dx / (kmPerDegree * cos), Math.max(-89.9, Math.min(89.9, place.lat_deg + dy / kmPerDegree))]);
  }
  ring[72] = ring[0]!;
  return { type: 'Polygon', coordinates: [ring] };
}

function suggestion(verdict: Verdict): { shape: GeoJSON.Polygon | null; place: Place; text: string } | null {
  const { posterior, estimate } = verdict;
  if (posterior) {
    return { shape: disk(posterior.place, posterior.radius95_km), place: posterior.place, text: `suggests, 95 %: ${Math.round(posterior.radius95_km)} km` };
  }
  if (!estimate?.converged || Math.max(estimate.east_sd_km, estimate.north_sd_km) > 3000) return null;
  return { shape: ellipse(estimate), place: estimate.place, text: 'suggests' };
}

const kLabelWidth = 60, kLabelHeight = 15;
/** Beside its mark and inside the picture, below names that stand there already. */
function labelAt(x: number, y: number, others: readonly SceneMark[]): { x: number; y: number } {
  const at = { x: Math.max(4, Math.min(kWidth - 120, x + 9)), y: Math.max(14, Math.min(kHeight - 6, y - 8)) };
  while (at.y < kHeight - 6 && others.some(({ label }) => Math.abs(label.x - at.x) < kLabelWidth && Math.abs(label.y - at.y) < kLabelHeight)) at.y += kLabelHeight;
  return at;
}

function suggestedLabel([x, y]: [number, number]): { x: number; y: number } {
  const inside = x >= 0 && y >= 0 && x <= kWidth && y <= kHeight;
  return inside ? { x: Math.max(4, Math.min(kWidth - 190, x + 9)), y: Math.max(14, Math.min(kHeight - 6, y + 18)) } : { x: 10, y: kHeight - 12 };
}

export function sceneOf(verdict: Verdict, land: Land, territories: readonly Territory[], zoom: Zoom): Scene | null {
  const middle = middleOf(verdict);
  if (!middle) return null;
  const nearest = Math.max(40, middle.radiusKm);
  const shownKm = zoom === 'near' ? nearest * 1.9 : zoom === 'wide' ? Math.max(nearest * 6, 2500) : 20_000;
  // Of Lambert's projection: an angle a from the middle lies 2 sin(a/2) away.
  const angle = Math.min(Math.PI, shownKm / 6371);
  const scale = kHeight / 2 / (2 * Math.sin(angle / 2));
  const projection = geoAzimuthalEqualArea()
    .rotate([-middle.place.lon_deg, -middle.place.lat_deg])
    .scale(scale)
    .translate([kWidth / 2, kHeight / 2])
    .clipAngle(179.5)
    .precision(0.4)
    .clipExtent([[-5, -5], [kWidth + 5, kHeight + 5]]);
  const path = geoPath(projection).digits(1);
  const of = (shape: GeoPermissibleObjects | null) => (shape ? path(shape) ?? '' : '');
  const at = (place: Place) => projection([place.lon_deg, place.lat_deg]);

  const licensed = new Set(verdict.licensed), prohibited = new Set(verdict.prohibited);
  const parts = { land: '', licensed: '', prohibited: '' };
  for (const { code, shape } of land.countries) {
    parts[licensed.has(code) ? 'licensed' : prohibited.has(code) ? 'prohibited' : 'land'] += of(shape);
  }
  const areas = territories.flatMap((territory) => {
    const shape = toSphere(territory.geojson);
    return shape ? [{ name: territory.territory, path: of(shape), prohibited: !licensed.has(territory.territory) && prohibited.has(territory.territory) }] : [];
  });

  const evidence: AnchorEvidence[] = verdict.holders.length > 0 ? verdict.holders.flatMap((holder) => holder.anchors) : verdict.anchors;
  const disks: SceneDisk[] = [], anchors: SceneMark[] = [], everywhere: string[] = [];
  for (const anchor of evidence) {
    if (!anchor.place) continue;
    const hinge = verdict.hinges.includes(anchor.anchor);
    if (anchor.bound_km !== null) {
      if (anchor.bound_km >= kEverywhereKm) everywhere.push(anchor.anchor);
      else disks.push({ anchor: anchor.anchor, path: of(disk(anchor.place, anchor.bound_km)), used: anchor.used, hinge, km: anchor.bound_km });
    }
    const seen = at(anchor.place);
    if (seen) anchors.push({ name: anchor.anchor, x: seen[0], y: seen[1], label: labelAt(seen[0], seen[1], anchors), used: anchor.used, hinge });
  }
  const proved = verdict.region ? [{ region: verdict.region, holder: 0 }] : [];
  verdict.holders.forEach((holder, i) => holder.region && proved.push({ region: holder.region, holder: i + 1 }));
  const suggested = suggestion(verdict), seen = suggested && at(suggested.place);
  return {
    sea: of({ type: 'Sphere' }),
    degrees: of(geoGraticule().step(shownKm < 1500 ? [2, 2] : [10, 10])()),
    ...parts, areas, disks, anchors, everywhere, shownKm,
    regions: proved.map(({ region, holder }) => ({ holder, path: of(toSphere(region.geometry) ?? disk(region.centre, region.radius_km)) })),
    suggested: suggested && seen ? { path: of(suggested.shape), x: seen[0], y: seen[1], text: suggested.text, label: suggestedLabel(seen) } : null,
  };
}
