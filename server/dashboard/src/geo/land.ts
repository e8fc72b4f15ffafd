// The world's countries, from the same source as the borders that verdicts are judged by, but coarser: for drawing.
// The files are assets of the page; chiplocd serves them, and no other host is asked.

import coarse from 'world-atlas/countries-110m.json?url';
import fine from 'world-atlas/countries-50m.json?url';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { codeOf } from './country_codes';

type Atlas = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>;

export interface Land {
  /** All land, for filling, and the borders between countries, each once. */
  land: GeoJSON.GeoJSON;
  borders: GeoJSON.MultiLineString;
  countries: { code: string; name: string; shape: GeoJSON.Feature }[];
}

export function landOf(atlas: Atlas): Land {
  const countries = feature(atlas, atlas.objects.countries).features.map((shape) => {
    const name = shape.properties.name;
    return { code: codeOf(shape.id, name), name, shape };
  });
  return {
    land: feature(atlas, atlas.objects.land) as GeoJSON.GeoJSON,
    borders: mesh(atlas, atlas.objects.countries, (a, b) => a !== b),
    countries,
  };
}

async function load(url: string): Promise<Land> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the map of the world is not there (${response.status})`);
  return landOf((await response.json()) as Atlas);
}
const kept = new Map<string, Promise<Land>>();
function once(url: string): Promise<Land> {
  let land = kept.get(url);
  if (!land) {
    land = load(url);
    land.catch(() => kept.delete(url));  // the next one who asks tries again
    kept.set(url, land);
  }
  return land;
}
/** For what moves: 110 million to one. */
export const coarseLand = () => once(coarse);
/** For what stands: 50 million to one. */
export const fineLand = () => once(fine);
