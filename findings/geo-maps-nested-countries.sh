#!/usr/bin/env bash
# npm @geo-maps/countries-land-250m 0.6.0, a map of countries: its features overlap. One would look a place up and take
# the feature that holds it; Lesotho lies in the features of LSO and of ZAF, for lakes are cut out of a country's land
# and enclaves are not, and Hong Kong lies in those of HKG and of CHN. A lookup has to cut the smaller out of the larger.
#
# Needs bash, npm and node. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @geo-maps/countries-land-250m@0.6.0 >/dev/null
cat >look.js <<'JS'
const map = JSON.parse(require('fs').readFileSync('node_modules/@geo-maps/countries-land-250m/map.geo.json'));
const inRing = (ring, [x, y]) => ring.reduce((inside, [bx, by], i) => {
  const [ax, ay] = ring[(i + ring.length - 1) % ring.length];
  return (ay > y) !== (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax) ? !inside : inside;
}, false);
const inPolygon = ([outer, ...holes], p) => inRing(outer, p) && !holes.some((hole) => inRing(hole, p));
const polygons = (g) => g.type === 'Polygon' ? [g.coordinates] : g.type === 'MultiPolygon' ? g.coordinates
  : g.geometries.flatMap(polygons);
const at = (p) => map.features.filter((f) => polygons(f.geometry).some((polygon) => inPolygon(polygon, p)))
  .map((f) => f.properties.A3).sort().join(' ');
for (const [name, p] of [['Thaba-Tseka, Lesotho', [28.60, -29.52]], ['Tai Po, Hong Kong', [114.16, 22.45]], ['Lyon', [4.84, 45.76]]])
  console.log(`${name}: ${at(p)}`);
JS
node look.js | tee seen
diff seen - <<'EXPECTED'
Thaba-Tseka, Lesotho: LSO ZAF
Tai Po, Hong Kong: CHN HKG
Lyon: FRA
EXPECTED
echo "as seen on 2026-11-30"
