// Regions as two drawing libraries of others have them: d3 by great circles, as the page draws, and Leaflet on its plane, in a browser.
// CHIPLOC_REGIONS is the program that writes regions with places in and outside them (tests/geo/third_party).
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { geoContains } from 'd3-geo';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { toSphere } from '../../../../server/dashboard/src/geo/sphere';

type At = [number, number];
interface Sample {
  name: string;
  geometry: GeoJSON.MultiPolygon;
  inside: At[];
  outside: At[];
}
const program = process.env['CHIPLOC_REGIONS'] ?? '';
const samples = program ? (JSON.parse(execFileSync(program, { encoding: 'utf8', maxBuffer: 1 << 26 })) as Sample[]) : [];
const readFrom = (name: string) => readFileSync(createRequire(import.meta.url).resolve(name), 'utf8');

describe.each(samples)('$name', (sample) => {
  it('in d3', () => {
    const shape = toSphere(sample.geometry)!;
    expect(sample.inside.length).toBeGreaterThan(20);
    // Part by part: what goes all round has no smaller side.
    const has = (at: At) => shape.coordinates.some((coordinates) => geoContains({ type: 'Polygon', coordinates }, at));
    expect(sample.inside.filter((at) => !has(at))).toEqual([]);
    expect(sample.outside.filter(has)).toEqual([]);
  });
});

it.skipIf(samples.length === 0)('all of them in Leaflet', async () => {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage({ viewport: { width: 1100, height: 1100 } });
  await page.setContent('<div id="map" style="width: 1024px; height: 1024px"></div>');
  await page.addStyleTag({ content: readFrom('leaflet/dist/leaflet.css') });
  await page.addScriptTag({ content: readFrom('leaflet/dist/leaflet.js') });
  for (const sample of samples) {
    const wrong = await page.evaluate(({ geometry, inside, outside }) => {
      const { L } = globalThis as unknown as { L: typeof import('leaflet') };
      const map = L.map('map', { zoomSnap: 0, zoomAnimation: false, attributionControl: false }).setView([0, 0], 2);
      // Leaflet clips at the view and thins lines to a pixel; here it is to draw what it was given.
      const layer = L.geoJSON(geometry, { style: { smoothFactor: 0, noClip: true } as never }).addTo(map);
      const paths: SVGPathElement[] = [];
      layer.eachLayer((one) => paths.push((one as unknown as { _path: SVGPathElement })._path));
      // Web Mercator ends at 85 degrees; a pixel is 39 km at most, so places near an edge are left to the others.
      const fits = ([, lat]: number[]) => Math.abs(lat!) < 84;
      const has = ([lon, lat]: number[]) => {
        const at = map.latLngToLayerPoint([lat!, lon!]);
        return paths.some((path) => path.isPointInFill(new DOMPoint(at.x, at.y)));
      };
      const deep = ([lon, lat]: number[], want: boolean) =>
        [[0.4, 0], [-0.4, 0], [0, 0.4], [0, -0.4]].every(([x, y]) => Math.abs(lon! + x!) > 179.5 || has([lon! + x!, lat! + y!]) === want);
      const out = {
        missing: inside.filter((at) => fits(at) && !has(at) && !deep(at, true)).length,
        lost: inside.filter((at) => fits(at) && !has(at) && deep(at, false)).length,
        taken: outside.filter((at) => fits(at) && has(at) && deep(at, true)).length,
        looked: inside.filter(fits).length + outside.filter(fits).length,
      };
      map.remove();
      return out;
    }, sample);
    expect(wrong.looked, sample.name).toBeGreaterThan(1_000);
    expect([wrong.lost, wrong.taken], sample.name).toEqual([0, 0]);
    expect(wrong.missing, `${sample.name}: within a pixel of an edge`).toBeLessThan(20);
  }
  await browser.close();
});
