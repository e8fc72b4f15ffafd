// What the quick start shows: the sample lab of 24 chips, CHIPLOC_SAMPLE. CHIPLOC_SHOTS, a folder, is where pictures of it go.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kAdmin, lab, Person } from './lab';

const at = lab(process.env['CHIPLOC_SAMPLE'] ?? '');

it('every chip is on the map, and whoever is elsewhere in the queue', async () => {
  const person = await Person.at(at, at.firstCode);
  await person.until('map', /24 chips/);
  const onMap = performance.now();
  await person.until('cases', /C-1/);
  console.log(`the page after ${Math.round((at.ready - at.began) / 1000)} s, 24 chips on the map after ${Math.round((onMap - at.began) / 1000)} s, ` +
    `the first case in the queue after ${Math.round((performance.now() - at.began) / 1000)} s`);
  // Those that claim to be where they are not, and those that answered as somebody else.
  await expect.poll(() => (JSON.parse(at.chiploc(kAdmin, '-o', 'json', 'chip', 'list')) as { last_verdict: { state: string } | null }[])
    .filter((chip) => chip.last_verdict === null).length, { timeout: 240_000, interval: 2_000 }).toBe(0);
  await person.leave();

  const shots = process.env['CHIPLOC_SHOTS'];
  if (!shots) return;
  for (const [width, scheme] of [[1280, 'light'], [390, 'light'], [1280, 'dark'], [390, 'dark']] as const) {
    const reader = await Person.at(at, at.codeFor(kAdmin), width, scheme);
    for (const view of ['map', 'cases']) {
      await reader.show(view);
      await reader.page.screenshot({ path: join(shots, `${view}-${width}-${scheme}.png`) });
    }
    await reader.leave();
  }
});
