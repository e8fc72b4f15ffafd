// What persons do on the page: by the keyboard alone, with the session's token, and what the coordinator answers.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { chipIn, verdictIn } from './fixture_ids';
import { evidence as evidenceFiles } from '../unit/evidence';
import { jsonOfFolder } from '../unit/json_evidence';
import { findings, kElsewhere, show, stage } from './page';
import type { Verdict } from '../../../../server/dashboard/src/types';

const evidence = fileURLToPath(new URL('../fixtures/evidence/', import.meta.url));

describe.skipIf(kElsewhere)('a case', () => {
  const at = stage();
  it('is found, read and commented on with the keyboard alone', async () => {
    await show(at, 'changes');
    const press = async (until: () => Promise<boolean>, most = 80) => {
      for (let n = 0; n < most; ++n) {
        await at.page.keyboard.press('Tab');
        if (await until()) return;
      }
      throw new Error('the keyboard does not come there');
    };
    const focused = (text: string) => async () => (await at.page.evaluate(() => document.activeElement?.textContent ?? '')) === text;
    await at.page.locator('main h1').focus();
    await press(focused('C-1'));
    const ring = await at.page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(ring).toBe('solid');
    await at.page.keyboard.press('Enter');
    await at.page.getByText('The rack never left Frankfurt.').waitFor();
    await press(async () => at.page.evaluate(() => document.activeElement?.getAttribute('name') === 'text'));
    await at.page.keyboard.type('Their papers came; they are of another rack.');
    await press(focused('Add the comment'));
    await at.page.keyboard.press('Enter');
    await expect.poll(() => at.server.changes).toEqual([
      { path: 'cases/C-1/comments', token: 'token-of-the-session', body: { text: 'Their papers came; they are of another rack.' } },
    ]);
  });
  it('"to the content" is the first thing the keyboard meets, and goes there', async () => {
    await show(at, 'cases');
    await at.page.keyboard.press('Tab');
    await at.page.keyboard.press('Enter');
    expect(await at.page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    expect(at.page.url()).toMatch(/#\/cases$/);
  });
  it('is decided, and resolved', async () => {
    await show(at, 'case/C-1');
    const decide = at.page.locator('form', { hasText: 'Decide the dispute' });
    await decide.getByLabel('Reason').fill('The papers are good.');
    await decide.getByLabel('The operator is').selectOption('yes');
    await decide.getByRole('button').click();
    await expect.poll(() => at.server.changes.at(-1)).toMatchObject({ path: 'cases/C-1/dispute/decide', body: { uphold: true, reason: 'The papers are good.' } });
    const resolve = at.page.locator('form', { has: at.page.getByRole('heading', { name: 'Resolve' }) });
    await resolve.getByRole('combobox').selectOption('moved_back');
    await resolve.getByLabel('Reason').fill('Proved back.');
    await resolve.getByRole('button').click();
    await expect.poll(() => at.server.changes.at(-1)).toMatchObject({ path: 'cases/C-1/resolve', body: { how: 'moved_back', reason: 'Proved back.' } });
  });
  it('is disputed with a file, of which only the digest leaves', async () => {
    await show(at, 'case/C-3');
    const form = at.page.locator('form', { hasText: 'Dispute' });
    await form.getByLabel('Why it is not').fill('Not ours.');
    await form.getByLabel('A file').setInputFiles({ name: 'papers.pdf', mimeType: 'application/pdf', buffer: Buffer.from('abc') });
    await form.getByLabel('measure its chips').check();
    await form.getByRole('button', { name: 'Dispute the case' }).click();
    await expect.poll(() => at.server.changes.at(-1)?.body).toEqual({
      statement: 'Not ours.', remeasure: true, evidence_sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
  });
  it('what was refused is said where it was asked for, and what was written stays', async () => {
    at.server.instead.set('cases/C-1/assign', () => (response: ServerResponse) => {
      response.writeHead(403, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'refused', status: 403, detail: 'the role registrar may not assign a case' }));
    });
    await show(at, 'case/C-1');
    const form = at.page.locator('form', { hasText: 'Assign' });
    await form.getByLabel('To whom').fill('bob');
    await form.getByRole('button').click();
    await form.getByRole('alert').waitFor();
    expect(await form.getByRole('alert').innerText()).toContain('the role registrar may not assign a case');
    expect(await form.getByLabel('To whom').inputValue()).toBe('bob');
  });
  it.each([['reader', []], ['verifier', ['Comment']], ['registrar', ['Comment', 'Dispute']], ['auditor', ['Comment', 'Assign', 'Resolve']],
    ['regulator', ['Comment', 'Assign', 'Resolve']], ['analyst', ['Comment', 'Assign']], ['operator', ['Comment', 'Dispute']]])('a %s is offered what they may do', async (role, titles) => {
    at.server.role = role;
    await show(at, 'case/C-3');
    expect(await at.page.locator('form.deed h3').allInnerTexts()).toEqual(titles);
  });
  it('who has not signed in is offered nothing but that', async () => {
    at.server.role = '';
    await show(at, 'case/C-1');
    expect(await at.page.locator('form.deed').count()).toBe(0);
    const link = at.page.getByRole('link', { name: 'Sign in' });
    expect(await link.getAttribute('href')).toMatch(/\/auth\/login\?return=%2F$/);
    // Back from there the view is the same, although no server was told of it.
    await at.page.route('**/auth/login*', (route) => route.fulfill({ status: 303, headers: { location: '/' } }));
    at.server.role = 'auditor';
    await link.click();
    await at.page.locator('form.deed').first().waitFor();
    expect(at.page.url()).toMatch(/#\/case\/C-1$/);
  });
  it('where there is no issuer a code signs in, and a wrong one says so', async () => {
    at.server.role = '';
    at.server.ways = ['code'];
    await show(at, 'case/C-1');
    expect(await at.page.getByRole('link', { name: 'Sign in' }).count()).toBe(0);
    const form = at.page.locator('form', { has: at.page.getByRole('heading', { name: 'Sign in' }) });
    await form.getByLabel('Code').fill('7777-7777-7777');
    await at.page.keyboard.press('Enter');
    await form.getByRole('alert').waitFor();
    expect(await form.getByRole('alert').innerText()).toContain('this code is not known');
    await form.getByLabel('Code').fill('7K2M-Q9XD-4F0B');
    await at.page.keyboard.press('Enter');
    await at.page.locator('form.deed').filter({ hasText: 'Resolve' }).first().waitFor();
    expect(await at.page.getByRole('heading', { name: 'Sign in' }).count()).toBe(0);
  });
  it('an analyst says why, and it goes with what is asked then; an auditor is not asked', async () => {
    at.server.role = 'analyst';
    await show(at, 'chips');
    expect(at.server.reasons).toEqual([]);
    await at.page.getByLabel('Why you look at places').fill('Fall Nürnberg, C-3');
    await at.page.keyboard.press('Enter');
    await expect.poll(() => new Set(at.server.reasons)).toEqual(new Set(['Fall Nürnberg, C-3']));
    expect(await findings(at.page)).toEqual([]);
    at.server.role = 'auditor';
    await show(at, 'cases');
    await at.page.reload();
    expect(await at.page.getByLabel('Why you look at places').count()).toBe(0);
  });
  it('signing out ends the session', async () => {
    await show(at, 'case/C-1');
    await at.page.getByRole('button', { name: 'Sign out' }).click();
    await at.page.getByRole('link', { name: 'Sign in' }).waitFor();
  });
});

describe.skipIf(kElsewhere)('a round now', () => {
  const at = stage();
  const chip = chipIn('VERIFIED');
  const events = (...all: unknown[]) => all.map((one) => `event: ${(one as { event: string }).event}\ndata: ${JSON.stringify(one)}\n\n`).join('');
  const started = { event: 'started', round_id: 'ab', anchors: ['ash1', 'bal1'], knock_wait_ms: 4000, knock_note: 'It knocks every 2 s.' };
  const progress = { event: 'progress', anchor: 'ash1', stage: 'pinging', pings_sent: 3, pongs_received: 2, rtt_min_ns: 612345, twice: false, refusals: 0, refusal: '' };

  it('comes as it goes, in pieces, and ends with a verdict', async () => {
    const stream = {} as { open: ServerResponse };
    at.server.instead.set(`chips/${chip.chip_id}/verify`, () => (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.open = response;
      const text = events(started, progress);
      response.write(text.slice(0, 70));
      setImmediate(() => response.write(text.slice(70)));
    });
    await show(at, `round/${chip.chip_id}`);
    await at.page.getByRole('button', { name: 'Measure it now' }).click();
    await at.page.getByRole('cell', { name: '0.612 ms' }).waitFor();
    expect(await at.page.locator('main').innerText()).toContain('up to 4 s for the chip\'s knock');
    expect(await findings(at.page)).toEqual([]);
    stream.open.end(events({ event: 'verdict', verdict: verdictIn('VERIFIED') }));
    await at.page.getByText('The verdict is VERIFIED.').waitFor();
    expect(at.server.changes[0]).toMatchObject({ path: `chips/${chip.chip_id}/verify`, token: 'token-of-the-session' });
  });
  it('one that breaks off is no verdict', async () => {
    at.server.instead.set(`chips/${chip.chip_id}/verify`, () => (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(events(started));
    });
    await show(at, `round/${chip.chip_id}`);
    await at.page.getByRole('button', { name: 'Measure it now' }).click();
    await at.page.getByRole('alert').waitFor();
    expect(await at.page.getByRole('alert').innerText()).toContain('before there was a verdict');
  });
});

describe('evidence, checked in the browser', () => {
  const at = stage();
  const files = (name: string) => readdirSync(join(evidence, name)).map((file) => join(evidence, name, file));

  it('holds in every step, without asking anybody', async () => {
    await show(at, 'check');
    await at.context.setOffline(true);
    await at.page.locator('input[type=file]').setInputFiles(files('verified'));
    await at.page.getByText('Every step holds.').waitFor();
    expect(await at.page.locator('ol.steps > li[data-outcome=good]').count()).toBe(9);
    expect(await findings(at.page)).toEqual([]);
  });
  it('a turned bit fails the step that has to find it, by name', async () => {
    await show(at, 'check');
    const all = files('verified').map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), mimeType: '', buffer: readFileSync(path) }));
    const report = all.find((file) => /^report-01.*body$/.test(file.name))!;
    report.buffer[report.buffer.length >> 1]! ^= 4;
    await at.page.locator('input[type=file]').setInputFiles(all);
    await at.page.getByText('The step "Each anchor signed its report" fails').waitFor();
    expect(await at.page.locator('ol.steps > li[data-outcome=wrong]').getAttribute('data-step')).toBe('reports');
    expect(await at.page.locator('ol.steps > li[data-outcome="not looked at"]').count()).toBe(5);
  });
  it('files that are dropped are read as well', async () => {
    await show(at, 'check');
    const all = files('two-holders').map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), bytes: readFileSync(path).toString('base64') }));
    const transfer = await at.page.evaluateHandle((sent) => {
      const data = new DataTransfer();
      for (const { name, bytes } of sent) data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
      return data;
    }, all);
    await at.page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
    await at.page.getByText('Every step holds.').waitFor();
    expect(await at.page.locator('ol.steps').innerText()).toContain('two holders of the key');
  });
});

describe.skipIf(kElsewhere)('a verdict', () => {
  const at = stage();
  const verdict = JSON.parse(readFileSync(join(evidence, 'verified/verdict.json'), 'utf8')) as Verdict;
  const id = verdict.verdict_id;
  it("'s evidence is checked where it is read", async () => {
    at.server.instead.set(`verdicts/${id}`, (query) => (query.has('with_evidence') ? jsonOfFolder(evidenceFiles('verified')) : verdict));
    await show(at, `verdict/${id}`);
    await at.page.getByRole('button', { name: 'Check its evidence in this browser' }).click();
    await at.page.getByText('Every step holds.').waitFor();
    expect(await at.page.locator('ol.steps > li[data-outcome=good]').count()).toBe(9);
  });
});

describe.skipIf(kElsewhere)('a policy', () => {
  const at = stage();
  it('that is not in force: where it differs, and what it would have said, page by page', async () => {
    let page = 0;
    at.server.instead.set('policies/replay', () => ({
      moved: [{ was: 'VERIFIED', would_be: page === 0 ? 'VERIFIED' : 'UNRESOLVED', rounds: 100 }], unjudged: [], changes: [],
      next_page_token: page++ === 0 ? 'more' : null,
    }));
    await show(at, 'policy');
    const text = at.page.getByLabel('Another policy');
    await text.fill((await text.inputValue()).replace('faults = 0', 'faults = 2'));
    expect(await at.page.getByLabel('Differences, line by line').first().innerText()).toContain('+ faults = 2');
    await at.page.getByRole('button', { name: 'What would it have said?' }).click();
    await at.page.getByText('200 rounds judged again; 100 rounds would have another state.').waitFor();
    expect(at.server.changes.map((one) => one.body['page_token'])).toEqual([undefined, 'more']);
    expect(await findings(at.page)).toEqual([]);
  });
});
