// Each view against what a lab's programs really answered: what it says, what axe finds, at which widths it holds.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chipIn, verdictIn } from './fixture_ids';
import { findings, kElsewhere, settled, show, stage } from './page';
import { kDist } from './server';

const kViews: [string, RegExp][] = [
  ['map', /Where chips are proved to be/],
  ['changes', /changes since .* \(.* CET\)/s],
  ['cases', /Chips are not where they are licensed to be/],
  ['case/C-1', /The rack never left Frankfurt/],
  ['chips', /18 in all|all that fit/],
  [`chip/${chipIn('OUTSIDE').chip_id}`, /proved to be outside the licensed territory/],
  [`chip/${chipIn('UNRESOLVED').chip_id}`, /A better path to/],
  [`chip/${chipIn('SILENT').chip_id}`, /Why it may be silent/],
  [`verdict/${verdictIn('VERIFIED').verdict_id}`, /Every place the round trips allow is in the licensed territory/],
  ['orders', /Rhein Handel/],
  ['order/O-1', /On hold/],
  ['anchors', /of 6 anchors connected/],
  ['policy', /one fault less, for the drill/],
  [`round/${chipIn('VERIFIED').chip_id}`, /Measure it now/],
  ['check', /Nothing leaves this computer/],
  ['nowhere', /No such page/],
];

describe.skipIf(kElsewhere)('views', () => {
  const at = stage();
  it.each(kViews)('%s', async (view, says) => {
    await show(at, view);
    expect(await at.page.locator('main').innerText()).toMatch(says);
    expect(await findings(at.page)).toEqual([]);
    await at.page.emulateMedia({ colorScheme: 'dark' });
    expect(await findings(at.page, ['color-contrast'])).toEqual([]);
    for (const width of [320, 3840]) {
      await at.page.setViewportSize({ width, height: 900 });
      const wide = await at.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `sideways at ${width} pixels`).toBe(0);
    }
  });
});

/** Of a coordinator nothing is known beforehand: the lists, and what the first link of each leads to. */
describe.runIf(kElsewhere)('views of a coordinator', () => {
  const at = stage();
  it.each(['map', 'changes', 'cases', 'chips', 'orders', 'anchors', 'policy', 'check'])('%s, and behind it', async (view) => {
    await show(at, view);
    expect(await at.page.getByRole('alert').count()).toBe(0);
    expect(await findings(at.page)).toEqual([]);
    const link = at.page.locator('main table a').first();
    if ((await link.count()) === 0) return;
    await link.click();
    await settled(at);
    expect(await at.page.getByRole('alert').count()).toBe(0);
    expect(await findings(at.page)).toEqual([]);
  });
});

describe.skipIf(kElsewhere)('pictures', () => {
  const at = stage();
  it('an estimate is drawn as another thing than a proof: dashed, hatched, with the word', async () => {
    await show(at, `chip/${chipIn('OUTSIDE').chip_id}`);
    const style = (selector: string, name: string) => at.page.locator(`svg.picture ${selector}`).first().evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), name);
    expect(await style('.p-suggested', 'stroke-dasharray')).not.toBe('none');
    expect(await style('.p-suggested', 'fill')).toBe('none');
    expect(await style('.p-region', 'stroke-dasharray')).toBe('none');
    expect(await at.page.locator('svg.picture text.suggests').innerHTML()).toMatch(/^suggests/);
    expect(await style('.p-suggested', 'stroke')).not.toBe(await style('.p-region', 'stroke'));
  });
  it('the region is where it was proved, and prohibited land is hatched', async () => {
    const verdict = verdictIn('VERIFIED');
    await show(at, `verdict/${verdict.verdict_id}`);
    await at.page.getByLabel('Shown').selectOption('world');
    const box = (await at.page.locator('svg.picture .p-region').first().boundingBox())!;
    const whole = (await at.page.locator('svg.picture').first().boundingBox())!;
    // A disk of some hundred kilometres on a globe: small, and in the middle. Wound the wrong way it would be nearly everything.
    expect(box.width).toBeLessThan(whole.width / 10);
    expect(Math.abs(box.x + box.width / 2 - whole.x - whole.width / 2)).toBeLessThan(whole.width / 20);
    expect(await at.page.locator('svg.picture .p-prohibited').first().getAttribute('d')).not.toBe('');
    expect(await at.page.locator('svg.picture path[fill^="url(#"]').count()).toBeGreaterThan(0);
  });
  it('a verdict that hinges on an anchor marks it', async () => {
    const verdict = structuredClone(verdictIn('VERIFIED'));
    verdict.hinges = [verdict.anchors[0]!.anchor];
    at.server.instead.set(`verdicts/${verdict.verdict_id}`, () => verdict);
    await show(at, `verdict/${verdict.verdict_id}`);
    await at.page.getByLabel('Shown').selectOption('world');
    expect(await at.page.locator('svg.picture .p-hinge').count()).toBe(1);
    expect(await at.page.locator('svg.picture').first().textContent()).toContain(`${verdict.hinges[0]}, hinges on it`);
  });
  it('who sees no places gets a sentence in place of a picture', async () => {
    const verdict = { ...verdictIn('VERIFIED'), region: null, anchors: [], estimate: null, posterior: null };
    at.server.instead.set(`verdicts/${verdict.verdict_id}`, () => verdict);
    await show(at, `verdict/${verdict.verdict_id}`);
    expect(await at.page.locator('main').innerText()).toContain('your role does not see places');
    expect(await at.page.locator('svg.picture').count()).toBe(0);
  });
});

describe.skipIf(kElsewhere)('times and colours', () => {
  const at = stage({ timezone: 'Asia/Tokyo' });
  it("UTC, with the reader's own beside it", async () => {
    await show(at, 'changes');
    expect(await at.page.locator('main time').first().innerText()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(.*GMT\+9\)/);
  });
  it('the switch goes before the system, and is kept', async () => {
    await show(at, 'orders');
    const paper = () => at.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await paper();
    await at.page.getByLabel('Colours').selectOption('dark');
    const dark = await paper();
    expect(dark).not.toBe(light);
    await at.page.reload();
    await at.page.locator('main h1').waitFor();
    expect(await paper()).toBe(dark);
    await at.page.getByLabel('Colours').selectOption('system');
    expect(await paper()).toBe(light);
  });
  it('on paper there is no navigation and no form, and black on white', async () => {
    await at.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await show(at, 'case/C-1');
    expect(await at.page.locator('nav.main').isVisible()).toBe(false);
    expect(await at.page.locator('form.deed').first().isVisible()).toBe(false);
    expect(await at.page.locator('ol.timeline').isVisible()).toBe(true);
    expect(await at.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(255, 255, 255)');
    expect(await at.page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--land'))).toBe('#f6f3ec');
  });
  it('a coordinator that does not answer is said, and asked again', async () => {
    let down = true;
    at.server.instead.set('orders', () => {
      if (down) throw new Error('the store is busy');
      return { orders: [], next_page_token: '' };
    });
    await at.page.goto(`${at.base}#/orders`);
    await at.page.getByRole('alert').waitFor();
    expect(await at.page.getByRole('alert').innerText()).toContain('the store is busy');
    down = false;
    await at.page.getByRole('button', { name: 'Ask again' }).click();
    await at.page.getByText('There are no orders.').waitFor();
  });
});

describe.skipIf(kElsewhere)('what is sent', () => {
  const names = readdirSync(kDist, { recursive: true }).map(String).filter((name) => /\.\w+$/.test(name));
  it('is compressed beforehand, and small beside the maps', () => {
    const plain = names.filter((name) => !/\.(br|gz)$/.test(name));
    for (const name of plain) expect(names, name).toEqual(expect.arrayContaining([`${name}.br`, `${name}.gz`]));
    const bytes = plain.filter((name) => !name.includes('countries-')).map((name) => statSync(join(kDist, `${name}.gz`)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400 * 1024);
    // What browsers keep for a year has its digest in its name.
    expect(plain.filter((name) => !/^assets[\\/].*-[\w-]{8}\.\w+$/.test(name))).toEqual(['index.html']);
  });
});
