// The page against real programs: a lab of eighteen chips, some of them up to something. CHIPLOC_LAB is its file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findings } from '../browser/page';
import { kAdmin, lab, Person } from './lab';

const kHolder = 'holders/L-RHEIN/cli.toml';
const at = lab(process.env['CHIPLOC_LAB'] ?? '');

describe('the page of a real coordinator', () => {
  it('shows nothing to whoever has not signed in', async () => {
    const context = await at.browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${at.address}#/chips`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByText('nobody is signed in').first().waitFor();
    expect(await page.locator('body').innerText()).not.toContain('O-1-1');
    await context.close();
  });

  it('an analyst finds a case, works it and ends it; an operator disputes one, and sees its own chips alone', async () => {
    const analyst = await Person.at(at, at.firstCode);
    const operator = await Person.at(at, at.codeFor(kHolder));
    await analyst.until('map', /18 chips/);
    await analyst.show('chips');
    for (const serial of ['O-1-1', 'O-4-1']) expect(await analyst.text()).toContain(serial);
    await operator.show('chips');
    expect(await operator.text()).toContain('O-1-1');
    expect(await operator.text()).not.toContain('O-4-1');

    // From what the coordinator tells others to the case: half of order O-1 has moved abroad.
    await analyst.until('cases', /O-1/);
    const cases = JSON.parse(at.chiploc(kAdmin, '-o', 'json', 'case', 'list')) as { case: string; order: string | null }[];
    const moved = cases.find((one) => one.order === 'O-1')!.case;
    await operator.show(`case/${moved}`);
    const dispute = operator.page.locator('form', { has: operator.page.getByRole('heading', { name: 'Dispute' }) });
    await dispute.getByRole('textbox').first().fill('The rack never left Frankfurt.');
    await dispute.locator('button[type=submit]').click();
    await operator.until(`case/${moved}`, /disputed since/);

    await analyst.until(`case/${moved}`, /The rack never left Frankfurt\./);
    const deed = (title: string) => analyst.page.locator('form', { has: analyst.page.getByRole('heading', { name: title, exact: true }) });
    await deed('Assign').getByLabel('To whom').fill('ann');
    await deed('Assign').locator('button[type=submit]').click();
    await analyst.until(`case/${moved}`, /ann/);
    await deed('Decide the dispute').getByLabel('Reason').fill('Two anchors prove it to be in Virginia.');
    await deed('Decide the dispute').locator('button[type=submit]').click();
    await analyst.until(`case/${moved}`, /Two anchors prove it/);
    await deed('Resolve').getByRole('combobox').selectOption('confirmed');
    await deed('Resolve').getByLabel('Reason').fill('Told the licensing officer.');
    await deed('Resolve').locator('button[type=submit]').click();
    await analyst.until(`case/${moved}`, /Told the licensing officer\./);
    expect(JSON.parse(at.chiploc(kAdmin, '-o', 'json', 'case', 'show', moved))).toMatchObject({ state: 'resolved' });
    await operator.leave();
    await analyst.leave();
  });

  it('a round is measured while one looks, and its evidence checked in the browser, offline; a turned byte is found', async () => {
    const person = await Person.at(at, at.codeFor(kAdmin));
    await person.show('round/O-4-1');
    await person.page.getByRole('button', { name: 'Measure it now' }).click();
    await person.page.getByText(/The verdict is [A-Z]+\./).waitFor();
    const [newest] = JSON.parse(at.chiploc(kAdmin, '-o', 'json', 'verdict', 'list', '--chip', 'O-4-1', '--limit', '1')) as { verdict_id: string }[];
    const id = newest!.verdict_id;
    await person.show(`verdict/${id}`);
    await person.page.getByRole('button', { name: 'Check its evidence in this browser' }).click();
    await person.page.getByText('Every step holds.').waitFor();

    const evidence = join(at.folder, 'evidence');
    at.chiploc(kAdmin, 'verdict', 'show', id, '--evidence', evidence);
    await person.show('check');
    await person.context.setOffline(true);
    const files = readdirSync(evidence).map((name) => ({ name, mimeType: '', buffer: readFileSync(join(evidence, name)) }));
    await person.page.locator('input[type=file]').setInputFiles(files);
    await person.page.getByText('Every step holds.').waitFor();
    const report = files.find((file) => /^report-01.*body$/.test(file.name))!;
    report.buffer[report.buffer.length >> 1]! ^= 4;
    await person.page.locator('input[type=file]').setInputFiles(files);
    await person.page.getByText('The step "Each anchor signed its report" fails').waitFor();
    await person.context.setOffline(false);
    await person.leave();
  });

  it('no view has anything that axe finds, in light and dark, wide and narrow', async () => {
    const views = ['map', 'changes', 'cases', 'case/C-1', 'chips', 'chip/O-1-4', 'orders', 'order/O-1', 'anchors', 'policy', 'check', 'round/O-4-1'];
    for (const [width, scheme] of [[1280, 'light'], [390, 'light'], [1280, 'dark'], [390, 'dark']] as const) {
      const person = await Person.at(at, at.codeFor(kAdmin), width, scheme);
      for (const view of views) {
        await person.show(view);
        expect(await findings(person.page), `${view}, ${width} px, ${scheme}`).toEqual([]);
      }
      await person.leave();
    }
  });
});
