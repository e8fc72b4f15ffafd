// The map: what marks stand for, and that a hundred thousand chips are drawn while one looks.
import { describe, expect, it } from 'vitest';
import { fleetPage } from './many_chips';
import { findings, kElsewhere, show, stage } from './page';

describe('the map', () => {
  const at = stage();
  it('a mark that is chosen in the table shows its chips, and their regions', async () => {
    await show(at, 'map');
    const rows = at.page.locator('main table').last().locator('tbody tr');
    await rows.first().waitFor();
    const before = await at.page.locator('canvas').screenshot();
    await rows.first().getByRole('button').click();
    await at.page.getByText(/proved to be within .* of one point/).waitFor();
    await at.page.getByRole('region', { name: /Chips that are proved to be here/ }).waitFor();
    if (!kElsewhere) expect(await at.page.getByRole('region', { name: /proved to be here/ }).getByRole('link').allInnerTexts()).toEqual(['O-1-4', 'O-1-5', 'O-1-6']);
    expect((await at.page.locator('canvas').screenshot()).equals(before)).toBe(false);
    expect(await findings(at.page)).toEqual([]);
  });
  it.skipIf(kElsewhere)('a mark in which sites lie on top of each other offers them one by one', async () => {
    await show(at, 'map');
    await at.page.locator('main table').last().locator('tbody tr').first().waitFor();
    const canvas = (await at.page.locator('canvas').boundingBox())!;
    // Ashburn, where three chips of Frankfurt are as well: in the projection some 45 degrees above the middle.
    await at.page.locator('canvas').click({ position: { x: canvas.width * 0.312, y: canvas.height * 0.228 } });
    await at.page.getByRole('heading', { name: '2 places' }).waitFor();
    await at.page.locator('ul.plain').getByRole('button', { name: 'frankfurt' }).click();
    await at.page.getByRole('heading', { name: 'frankfurt', exact: true }).waitFor();
  });
  it('moves by the keyboard and by its buttons, and comes back', async () => {
    await show(at, 'map');
    const picture = () => at.page.evaluate(() => new Promise<string>((done) => {
      // The fine picture comes when nothing has moved for a while.
      const look = (last: string) => setTimeout(() => {
        const now = document.querySelector('canvas')!.toDataURL();
        if (now === last) done(now);
        else look(now);
      }, 250);
      look('');
    }));
    const home = await picture();
    await at.page.locator('canvas').focus();
    await at.page.keyboard.press('+');
    await at.page.keyboard.press('ArrowRight');
    const moved = await picture();
    expect(moved).not.toBe(home);
    await at.page.keyboard.press('ArrowLeft');
    expect(await picture()).not.toBe(moved);
    await at.page.keyboard.press('Home');
    expect(await picture()).toBe(home);
    await at.page.getByRole('button', { name: 'Nearer' }).click();
    expect(await picture()).not.toBe(home);
  });
});

describe.skipIf(kElsewhere)('the map, a hundred thousand chips', () => {
  const at = stage();
  it('draws the first ones before the last have come, and every one is counted', async () => {
    at.server.instead.set('chips', (query) => fleetPage(100_000, Number(query.get('page_token') ?? 0), 5000));
    await at.page.goto(`${at.base}#/map`);
    await at.page.getByText(/^[\d,]+ chips so far/).waitFor();
    expect(await at.page.locator('main table tbody tr').count()).toBeGreaterThan(0);
    await at.page.getByText(/^100,000 chips\./).waitFor();
    const rows = at.page.locator('main table').last().locator('tbody tr');
    expect(await rows.count()).toBe(200);
    expect(await at.page.locator('main caption').last().innerText()).toMatch(/gravest of [\d,]+ places/);
  });
});
