// A large fleet, as pages of /v1/chips: chips at sites around the world's towns of data centres. The same every time.

const kTowns: [number, number][] = [
  [39.04, -77.49], [37.37, -121.92], [33.45, -112.07], [32.78, -96.8], [41.88, -87.63], [45.6, -121.18], [50.11, 8.68], [52.37, 4.9], [51.5, -0.12],
  [48.86, 2.35], [59.33, 18.06], [53.35, -6.26], [1.35, 103.82], [35.68, 139.69], [37.57, 126.98], [19.08, 72.88], [-33.87, 151.21], [-23.55, -46.63],
  [25.2, 55.27], [-26.2, 28.05], [43.65, -79.38], [60.17, 24.94], [47.38, 8.54], [40.42, -3.7],
];
const kStates = ['VERIFIED', 'VERIFIED', 'VERIFIED', 'VERIFIED', 'VERIFIED', 'VERIFIED', 'VERIFIED', 'UNRESOLVED', 'CLEARED', 'SILENT', 'OUTSIDE'];

/** A number from 0 to 1 that follows from another one. */
function noise(n: number): number {
  const x = Math.sin(n * 12.9898) * 43758.5453;
  return x - Math.floor(x);
}
export interface FleetChip {
  lat: number;
  lon: number;
  radiusKm: number;
  state: string;
  site: string;
}
/** `sites` of them in all; chips of a site are proved to be within some kilometres of each other. */
export function fleetChip(i: number, sites = 2000): FleetChip {
  const site = Math.floor(noise(i) * sites);
  const town = kTowns[site % kTowns.length]!;
  return {
    lat: town[0] + 8 * (noise(site + 0.1) - 0.5) + 0.2 * (noise(i + 0.3) - 0.5),
    lon: town[1] + 12 * (noise(site + 0.2) - 0.5) + 0.2 * (noise(i + 0.4) - 0.5),
    radiusKm: 40 + 260 * noise(i + 0.5),
    state: kStates[Math.floor(noise(i + 0.6) * kStates.length)]!,
    site: `site-${site}`,
  };
}
export function fleetPage(total: number, from: number, size: number): unknown {
  const until = Math.min(total, from + size);
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const chips = [];
  for (let i = from; i < until; ++i) {
    const { lat, lon, radiusKm, state, site } = fleetChip(i);
    chips.push({
      chip_id: i.toString(16).padStart(32, '0'), serial: `SN-${i}`, site, licence: 'L-1',
      last_verdict: { state, expires_at: expires, region: { centre: { lat_deg: lat, lon_deg: lon }, radius_km: radiusKm, geometry: null } },
    });
  }
  return { chips, next_page_token: until < total ? String(until) : '' };
}
