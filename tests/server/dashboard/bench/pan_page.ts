// What the bench measures, in the browser: the page's own map and Leaflet's canvas, the same chips, the same size, the same pan.
import * as L from 'leaflet';
import { landOf, type Land } from '../../../../server/dashboard/src/geo/land';
import { FleetMap } from '../../../../server/dashboard/src/map/fleet_map';
import { FleetPoints } from '../../../../server/dashboard/src/map/fleet_points';
import { kMapStates, type MapState } from '../../../../server/dashboard/src/states';
import { fleetChip } from '../browser/many_chips';

const kFrames = 60;

/** What a frame takes: from one animation frame to the next while it pans, the median in ms. */
async function frames(step: (n: number) => void): Promise<number> {
  const next = () => new Promise<number>((done) => requestAnimationFrame(done));
  for (let n = 0; n < 5; ++n) {
    await next();
    step(n);
  }
  const every: number[] = [];
  let last = await next();
  for (let n = 0; n < kFrames; ++n) {
    step(n);
    const now = await next();
    every.push(now - last);
    last = now;
  }
  return every.sort((a, b) => a - b)[every.length >> 1]!;
}

function ours(box: HTMLElement, points: FleetPoints, land: Land, everyChip: boolean): { map: FleetMap; end(): void } {
  const canvas = document.createElement('canvas');
  canvas.style.cssText = 'width:100%;height:100%;display:block';
  box.replaceChildren(canvas);
  const map = new FleetMap(canvas, { onChoose: () => undefined, everyChip });
  map.setLand(land, null);
  map.setPoints(points);
  return { map, end: () => map.end() };
}
/** Circle markers on one canvas, as Leaflet's documents recommend for many of them; land as GeoJSON below. */
function theirs(box: HTMLElement, points: FleetPoints, land: Land): { map: L.Map; end(): void } {
  const inside = document.createElement('div');
  inside.style.cssText = 'width:100%;height:100%';
  box.replaceChildren(inside);
  const map = L.map(inside, { preferCanvas: true, zoomAnimation: false, fadeAnimation: false, inertia: false, attributionControl: false }).setView([20, 0], 2);
  L.geoJSON(land.countries.map((one) => one.shape) as never, { style: { weight: 0.6, fillOpacity: 1, fillColor: '#f6f3ec', color: '#8d959d' }, interactive: false }).addTo(map);
  const colours = ['#59636e', '#00734f', '#00734f', '#8a6100', '#8a6100', '#b3261e', '#b3261e', '#b3261e'];
  for (let i = 0; i < points.size; ++i) {
    L.circleMarker([points.lat[i]!, (points.lon[i]! * 180) / Math.PI], { radius: 5, weight: 1, color: '#fff', fillColor: colours[points.state[i]!]!, fillOpacity: 1 }).addTo(map);
  }
  return { map, end: () => map.remove() };
}

async function run(count: number, atlas: string): Promise<Record<string, number>> {
  const land = landOf(await (await fetch(atlas)).json());
  const points = new FleetPoints();
  for (let i = 0; i < count; ++i) {
    const chip = fleetChip(i);
    points.place(String(i), chip.lat, chip.lon, chip.radiusKm, Math.max(0, kMapStates.indexOf(chip.state as MapState)), chip.site);
  }
  const box = document.getElementById('box')!;
  const out: Record<string, number> = {};
  for (const [name, everyChip] of [['by site', false], ['every chip a mark', true]] as const) {
    const one = ours(box, points, land, everyChip);
    one.map.zoom(2);
    out[`chiploc, ${name}`] = await frames((n) => one.map.pan(n % 20 < 10 ? 12 : -12, n % 10 < 5 ? 3 : -3));
    one.end();
  }
  const leaflet = theirs(box, points, land);
  // Leaflet moves its canvas by a transform and draws anew when the move ends: each step here is such a move.
  out['leaflet, canvas'] = await frames((n) => leaflet.map.panBy([n % 20 < 10 ? -12 : 12, n % 10 < 5 ? -3 : 3], { animate: false }));
  leaflet.end();
  return out;
}
Object.assign(globalThis, { run });
