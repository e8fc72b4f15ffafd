import { geoEqualEarth } from 'd3-geo';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { codeOf, knownCodes } from '../../../../server/dashboard/src/geo/country_codes';
import { equalEarth } from '../../../../server/dashboard/src/geo/equal_earth';
import { landOf } from '../../../../server/dashboard/src/geo/land';

const atlas = (name: string) => {
  const from = createRequire(new URL('../../../../server/dashboard/src/main.tsx', import.meta.url));
  return JSON.parse(readFileSync(from.resolve(`world-atlas/${name}.json`), 'utf8'));
};

describe('equal earth', () => {
  it("is d3's", () => {
    const theirs = geoEqualEarth().scale(1).translate([0, 0]).precision(0);
    for (let lat = -90; lat <= 90; lat += 7.5) {
      for (let lon = -179; lon <= 179; lon += 23) {
        const ours = equalEarth(lat);
        const [x, y] = theirs([lon, lat])!;
        expect((ours.factor * lon * Math.PI) / 180).toBeCloseTo(x, 9);
        expect(ours.y).toBeCloseTo(y, 9);
      }
    }
  });
});

describe('country codes', () => {
  const source = '/usr/share/iso-codes/json/iso_3166-1.json';
  it.skipIf(!existsSync(source))("are those of Debian's iso-codes", () => {
    const theirs = (JSON.parse(readFileSync(source, 'utf8')) as { '3166-1': { numeric: string; alpha_2: string }[] })['3166-1'];
    expect(new Map([...knownCodes()].sort())).toEqual(new Map(theirs.map((one) => [one.numeric, one.alpha_2] as const).sort()));
  });
  it('every land that is drawn has one', () => {
    for (const name of ['countries-110m', 'countries-50m']) {
      for (const country of landOf(atlas(name)).countries) expect(country.code, country.name).toMatch(/^[A-Z]{2}$/);
    }
  });
  it('what has no number has its own or its state\'s', () => {
    expect(codeOf(undefined, 'Kosovo')).toBe('XK');
    expect(codeOf(undefined, 'N. Cyprus')).toBe('CY');
    expect(codeOf('344', 'Hong Kong')).toBe('HK');
    expect(codeOf('4', 'Afghanistan')).toBe('AF');
    expect(codeOf(undefined, 'nowhere')).toBe('');
  });
});
