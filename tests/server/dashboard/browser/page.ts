// A browser, a page in it, and what every test asks of a page. The browser is the system's Chromium; none is downloaded.
//
// CHIPLOC_DASHBOARD=https://127.0.0.1:8443/ tests that address in place of the fixtures; tests that need recorded answers, or other
// ones than the truth, are left out there. CHIPLOC_CERTIFICATE and CHIPLOC_TLS_KEY name a person's PEM files, as for the command line.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { serve, type TestServer } from './server';

export const kElsewhere = process.env['CHIPLOC_DASHBOARD'];
const certPath = process.env['CHIPLOC_CERTIFICATE'], keyPath = process.env['CHIPLOC_TLS_KEY'];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Stage {
  browser: Browser;
  context: BrowserContext;
  page: Page;
  server: TestServer;
  base: string;
}

/** A browser for the file, a fresh page for each test. Errors of scripts, refused loads and requests to other hosts fail it. */
export function stage(options: { colorScheme?: 'light' | 'dark'; width?: number; timezone?: string } = {}): Stage {
  const at = {} as Stage;
  let problems: string[] = [];
  beforeAll(async () => {
    at.server = await serve();
    at.base = kElsewhere ?? at.server.base;
    at.browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  });
  afterAll(async () => {
    await at.browser?.close();
    await at.server?.end();
  });
  beforeEach(async () => {
    problems = [];
    at.server.changes.length = 0;
    at.server.instead.clear();
    at.server.role = 'admin';
    at.server.ways = ['issuer'];
    at.server.reasons.length = 0;
    at.context = await at.browser.newContext({
      viewport: { width: options.width ?? 1280, height: 900 }, reducedMotion: 'reduce', locale: 'en-GB',
      colorScheme: options.colorScheme ?? 'light', timezoneId: options.timezone ?? 'Europe/Berlin', ignoreHTTPSErrors: kElsewhere !== undefined,
      ...(kElsewhere && certPath && keyPath && { clientCertificates: [{ origin: new URL(kElsewhere).origin, certPath, keyPath }] }),
    });
    at.context.setDefaultTimeout(240_000);
    at.page = await at.context.newPage();
    at.page.on('pageerror', (fault) => problems.push(fault.message));
    at.page.on('console', (message) => {
      // A refusal that the page shows in words is no error of the page.
      if (message.type() === 'error' && !/status of [45]\d\d/.test(message.text())) problems.push(message.text());
    });
    at.page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== new URL(at.base).origin && protocol !== 'data:') problems.push(`a request to ${request.url()}`);
    });
  });
  afterEach(async () => {
    await at.context?.close();
    expect(problems).toEqual([]);
  });
  return at;
}

/** Goes to a view, and waits until nothing is on its way. */
export async function show(at: Stage, view: string): Promise<void> {
  await at.page.goto(`${at.base}#/${view}`);
  await settled(at);
}
export async function settled(at: Stage): Promise<void> {
  await at.page.locator('main h1').waitFor();
  await at.page.waitForFunction(() => !document.body.textContent?.includes('Asking the coordinator') && !document.body.textContent?.includes('Drawing ...'));
}

interface Finding {
  id: string;
  impact: string | null;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}
/** What axe finds against WCAG 2.2 A and AA. Nothing of it is left alone. */
export async function findings(page: Page, rules?: string[]): Promise<string[]> {
  // By the debugger, not by the page: its policy forbids scripts of others.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const runOnly = rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await page.evaluate(async (only) => {
    const { run } = (globalThis as unknown as { axe: { run(options: unknown): Promise<{ violations: unknown[] }> } }).axe;
    return (await run({ runOnly: only, resultTypes: ['violations'] })).violations;
  }, runOnly);
  return (found as Finding[]).map((one) => `${one.impact} ${one.id}: ${one.help}: ${one.nodes.slice(0, 2).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`).join(' | ')}`);
}
