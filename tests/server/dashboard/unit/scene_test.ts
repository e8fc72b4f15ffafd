import { geoContains } from 'd3-geo';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { landOf } from '../../../../server/dashboard/src/geo/land';
import { ellipse, kHeight, kWidth, sceneOf, type Zoom } from '../../../../server/dashboard/src/map/verdict_scene';
import { chartOf } from '../../../../server/dashboard/src/parts/region_chart';
import type { Estimate, Territory, Verdict } from '../../../../server/dashboard/src/types';

const land = landOf(JSON.parse(readFileSync(createRequire(new URL('../../../../server/dashboard/src/main.tsx', import.meta.url)).resolve('world-atlas/countries-110m.json'), 'utf8')));
const folder = new URL('../fixtures/v1/verdicts/', import.meta.url);
const verdicts = readdirSync(folder).filter((name) => name.endsWith('.json')).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Verdict);
const of = (state: string) => verdicts.find((verdict) => verdict.state === state)!;
const park = JSON.parse(readFileSync(new URL('../fixtures/v1/territories/hesse-park.json', import.meta.url), 'utf8')) as Territory;

/** The box around a path of SVG. */
function box(path: string): { width: number; height: number; x: number; y: number } {
  const numbers = [...path.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map((match) => [Number(match[1]), Number(match[2])] as const);
  const xs = numbers.map(([x]) => x), ys = numbers.map(([, y]) => y);
  const x = Math.min(...xs), y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

describe('the picture of a verdict', () => {
  it('the region stands in the middle, as large as it is', () => {
    const scene = sceneOf(of('VERIFIED'), land, [], 'near')!;
    const region = box(scene.regions[0]!.path);
    expect(region.x + region.width / 2).toBeGreaterThan(kWidth * 0.4);
    expect(region.x + region.width / 2).toBeLessThan(kWidth * 0.6);
    expect(region.height).toBeGreaterThan(kHeight * 0.2);
    expect(region.height).toBeLessThan(kHeight * 0.75);
    const wide = box(sceneOf(of('VERIFIED'), land, [], 'wide')!.regions[0]!.path);
    expect(wide.height).toBeLessThan(region.height / 3);
  });
  it('every disk that counts holds the region', () => {
    const verdict = of('VERIFIED');
    const scene = sceneOf(verdict, land, [], 'world')!;
    const region = box(scene.regions[0]!.path);
    const near = scene.disks.filter((disk) => disk.used && disk.km < 5000);
    expect(near.length).toBeGreaterThan(1);
    for (const disk of near) {
      const around = box(disk.path);
      // Any one anchor may be wrong: each disk but the smallest ones reaches as far as the region does.
      expect(around.x).toBeLessThan(region.x + region.width);
      expect(around.x + around.width).toBeGreaterThan(region.x);
    }
    expect(scene.disks.length + scene.everywhere.length).toBe(verdict.anchors.filter((anchor) => anchor.bound_km !== null).length);
  });
  it('licensed and prohibited land are told apart, and all else is neither', () => {
    const scene = sceneOf({ ...of('VERIFIED'), licensed: ['DE'], prohibited: ['DE', 'FR'] }, land, [], 'wide')!;
    expect(scene.licensed).not.toBe('');
    expect(scene.prohibited).not.toBe('');
    const none = sceneOf({ ...of('VERIFIED'), licensed: [], prohibited: [] }, land, [], 'wide')!;
    expect([none.licensed, none.prohibited]).toEqual(['', '']);
    // A country that is both is licensed: server/picture says the same.
    expect(sceneOf({ ...of('VERIFIED'), licensed: ['DE'], prohibited: ['DE'] }, land, [], 'wide')!.prohibited).toBe('');
  });
  it('areas among the territories are drawn, prohibited ones as such', () => {
    const verdict = { ...of('VERIFIED'), licensed: ['hesse-park'] };
    const [area] = sceneOf(verdict, land, [park], 'wide')!.areas;
    expect(area).toMatchObject({ name: 'hesse-park', prohibited: false });
    expect(box(area!.path).height).toBeLessThan(kHeight);
    expect(sceneOf({ ...verdict, licensed: [], prohibited: ['hesse-park'] }, land, [park], 'wide')!.areas[0]!.prohibited).toBe(true);
  });
  it('the words of a suggestion stand in the picture, wherever its middle is', () => {
    for (const verdict of [of('UNRESOLVED'), of('OUTSIDE')]) {
      for (const zoom of ['near', 'wide', 'world'] as Zoom[]) {
        const { suggested } = sceneOf(verdict, land, [], zoom)!;
        expect(suggested!.text).toMatch(/^suggests/);
        expect(suggested!.label.x).toBeGreaterThanOrEqual(0);
        expect(suggested!.label.x).toBeLessThan(kWidth - 100);
        expect(suggested!.label.y).toBeGreaterThan(0);
        expect(suggested!.label.y).toBeLessThan(kHeight);
      }
    }
  });
  it('names of anchors do not lie on each other', () => {
    for (const verdict of verdicts) {
      const scene = sceneOf(verdict, land, [], 'world');
      for (const [i, a] of scene?.anchors.entries() ?? []) {
        for (const b of scene!.anchors.slice(i + 1)) {
          expect(Math.abs(a.label.x - b.label.x) >= 60 || Math.abs(a.label.y - b.label.y) >= 15, `${a.name} ${b.name}`).toBe(true);
        }
      }
    }
  });
  it('an ellipse has its middle inside and not its far side', () => {
    const estimate: Estimate = { converged: true, place: { lat_deg: 50, lon_deg: 9 }, offset_km: 0, east_sd_km: 200, north_sd_km: 50, correlation: 0.5, nearest_country: 'DE', calibration: '' };
    const shape = ellipse(estimate);
    expect(geoContains(shape, [9, 50])).toBe(true);
    expect(geoContains(shape, [13, 50])).toBe(true);
    expect(geoContains(shape, [9, 53])).toBe(false);
    expect(geoContains(shape, [-171, -50])).toBe(false);
  });
  it('who sees no place gets no picture', () => {
    expect(sceneOf({ ...of('VERIFIED'), region: null, anchors: [], holders: [] }, land, [], 'near')).toBe(null);
  });
});

describe('regions over time', () => {
  const list = (JSON.parse(readFileSync(new URL(`../fixtures/v1/verdicts/of/${of('UNRESOLVED').chip_id}.json`, import.meta.url), 'utf8')) as { verdicts: Verdict[] }).verdicts;
  it('oldest first; what proved nothing stands above what proved something', () => {
    const { points } = chartOf([...list, { ...list[0]!, region: { centre: { lat_deg: 0, lon_deg: 0 }, radius_km: 100, geometry: null } }]);
    expect(points.map((point) => point.x)).toEqual([...points.map((point) => point.x)].sort((a, b) => a - b));
    const none = points.find((point) => !point.verdict.region)!, some = points.find((point) => point.verdict.region)!;
    expect(none.y).toBeLessThan(some.y);
  });
});
