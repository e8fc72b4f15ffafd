import { describe, expect, it } from 'vitest';
import { SiteMarks, bySite, distanceKm, merged, type Mark } from '../../../../server/dashboard/src/map/cluster';
import { FleetPoints } from '../../../../server/dashboard/src/map/fleet_points';
import { shortCount } from '../../../../server/dashboard/src/map/mark_sprites';
import { kMapStates } from '../../../../server/dashboard/src/states';
import { readFileSync } from 'node:fs';
import type { Chip } from '../../../../server/dashboard/src/types';

const state = (name: (typeof kMapStates)[number]) => kMapStates.indexOf(name);
function dice(seed: number): () => number {
  return () => ((seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32);
}
/** Every chip's region is inside the disk of its mark. */
function covers(mark: Mark, points: FleetPoints, i: number): boolean {
  return distanceKm(mark.lat, mark.lon, points.lat[i]!, points.lon[i]!) + points.radiusKm[i]! <= mark.radiusKm + 0.5;
}

describe('cluster: by site', () => {
  it('a mark reaches as far as all its regions, and counts them by state', () => {
    const points = new FleetPoints();
    points.place('a', 50, 8, 100, state('VERIFIED'), 'fra');
    points.place('b', 50.1, 8.1, 150, state('UNRESOLVED'), 'fra');
    const [mark, ...others] = bySite(points);
    expect(others).toEqual([]);
    expect(mark!.count).toBe(2);
    expect(mark!.radiusKm).toBeGreaterThan(150);
    expect(covers(mark!, points, 0) && covers(mark!, points, 1)).toBe(true);
    expect(kMapStates[mark!.worst]).toBe('UNRESOLVED');
    expect(mark!.byState[state('VERIFIED')]).toBe(1);
  });
  it('a chip of a site that is proved to be elsewhere has a mark of its own', () => {
    const points = new FleetPoints();
    points.place('a', 50, 8, 100, state('VERIFIED'), 'fra');
    points.place('b', 39, -77, 100, state('OUTSIDE'), 'fra');
    const marks = bySite(points);
    expect(marks.map((mark) => mark.count)).toEqual([1, 1]);
    expect(new Set(marks.map((mark) => points.sites[mark.site]))).toEqual(new Set(['fra']));
  });
  it('chips that come later change nothing but what they add', () => {
    const roll = dice(5);
    const points = new FleetPoints();
    const marks = new SiteMarks(points);
    for (let n = 0; n < 5; ++n) {
      for (let i = 0; i < 200; ++i) points.place(String(i), 80 * roll(), 170 * roll(), 300 * roll(), Math.floor(8 * roll()), `s${Math.floor(9 * roll())}`);
      expect(marks.now()).toEqual(bySite(points));
    }
  });
  it('the middle of two on both sides of the antimeridian is between them', () => {
    const points = new FleetPoints();
    points.place('a', -17, 179.6, 10, 1, 'suva');
    points.place('b', -17, -179.6, 10, 1, 'suva');
    const all = bySite(points);
    expect(all).toHaveLength(1);
    expect(Math.abs((all[0]!.lon * 180) / Math.PI)).toBeGreaterThan(179);
    expect(all[0]!.radiusKm).toBeLessThan(100);
  });
});

describe('cluster: at a zoom', () => {
  it('no chip is lost or counted twice, and every region is covered, at any zoom', () => {
    const roll = dice(11);
    const points = new FleetPoints();
    for (let i = 0; i < 3000; ++i) points.place(String(i), -60 + 130 * roll(), -180 + 360 * roll(), 1 + 400 * roll(), Math.floor(kMapStates.length * roll()), roll() < 0.3 ? null : `s${Math.floor(40 * roll())}`);
    const sites = bySite(points);
    for (const cell of [0.001, 0.02, 0.3, 5]) {
      const marks = merged(sites, cell);
      expect(marks.reduce((sum, mark) => sum + mark.count, 0)).toBe(3000);
      for (const [i] of kMapStates.entries()) {
        const truth = points.state.subarray(0, points.size).filter((one) => one === i).length;
        expect(marks.reduce((sum, mark) => sum + mark.byState[i]!, 0)).toBe(truth);
      }
      for (const mark of marks) expect(covers(mark, points, mark.first)).toBe(true);
    }
    expect(merged(sites, 5).length).toBeLessThan(20);
  });
  it('what lies on top of each other can be had one by one', () => {
    const points = new FleetPoints();
    points.place('a', 39, -77, 90, state('OUTSIDE'), 'fra');
    points.place('b', 39, -77, 90, state('VERIFIED'), 'ash');
    const [mark] = merged(bySite(points), 1e-9);
    expect(mark!.parts!.map((part) => [points.sites[part.site], part.count])).toEqual([['fra', 1], ['ash', 1]]);
    expect(kMapStates[mark!.worst]).toBe('OUTSIDE');
  });
  it('marks that share a site keep its name, others lose it', () => {
    const points = new FleetPoints();
    points.place('a', 50, 8, 1, 1, 'fra');
    points.place('b', 50.01, 8.01, 1, 1, 'mai');
    expect(merged(bySite(points), 1)[0]!.site).toBe(-1);
    expect(merged(bySite(points), 1e-7).map((mark) => points.sites[mark.site]).sort()).toEqual(['fra', 'mai']);
  });
});

describe('fleet points', () => {
  const { chips } = JSON.parse(readFileSync(new URL('../fixtures/v1/chips.json', import.meta.url), 'utf8')) as { chips: Chip[] };
  const decided = new Date(chips[0]!.last_verdict!.decided_at).getTime();
  it("takes a lab's chips; what was not proved anywhere has no place", () => {
    const points = new FleetPoints();
    for (const chip of chips) points.add(chip, decided);
    const without = chips.filter((chip) => !chip.last_verdict?.region).length;
    expect(points.size).toBe(chips.length - without);
    expect([...points.unplaced.values()].reduce((sum, n) => sum + n, 0)).toBe(without);
    expect(without).toBeGreaterThan(0);
  });
  it('a verdict that has expired is none', () => {
    const points = new FleetPoints();
    for (const chip of chips) points.add(chip, decided + 30 * 86_400_000);
    expect(points.state.subarray(0, points.size).every((one) => one === 0)).toBe(true);
  });
  it('grows', () => {
    const points = new FleetPoints();
    for (let i = 0; i < 5000; ++i) points.place(String(i), i % 90, i % 180, i, i % 8, `s${i % 3}`);
    expect([points.size, points.radiusKm[4321], points.sites.length, points.sites[points.site[4]!]]).toEqual([5000, 4321, 3, 's1']);
  });
});

describe('numbers on marks', () => {
  it.each([[1, '1'], [999, '999'], [1000, '1.0k'], [9949, '9.9k'], [9950, '10k'], [100_000, '100k'], [999_499, '999k'], [999_500, '1.0M'], [2_500_000, '2.5M']])('%i is %s', (n, text) => {
    expect(shortCount(n)).toBe(text);
  });
});
