// A lab of real programs, and persons at browsers of their own who sign in by codes of `chiploc page`. CHIPLOC_BIN is the folder of
// the programs.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

const bin = process.env['CHIPLOC_BIN'] ?? '';

export interface Lab {
  folder: string;
  /** Of the page. */
  address: string;
  /** The code that the lab itself gave: an admin's. */
  firstCode: string;
  browser: Browser;
  /** When it was started, and when the page was there. */
  began: number;
  ready: number;
  /** What the command line says to somebody whose configuration, in the lab's folder, this is. */
  chiploc(config: string, ...words: string[]): string;
  codeFor(config: string): string;
}
export const kAdmin = 'cli.toml';

/** For all tests of a file. */
export function lab(file: string): Lab {
  const it = { folder: mkdtempSync(join(tmpdir(), 'chiploc-page-')) } as Lab;
  const state = join(it.folder, 'lab');
  it.chiploc = (config, ...words) =>
    execFileSync(join(bin, 'chiploc'), words, { env: { ...process.env, CHIPLOC_CONFIG: join(state, config) }, encoding: 'utf8' });
  it.codeFor = (config) => (JSON.parse(it.chiploc(config, '-o', 'json', 'page')) as { code: string }).code;
  let program: ChildProcess;
  let said = '';
  beforeAll(async () => {
    it.began = performance.now();
    program = spawn(join(bin, 'chiploc'), ['lab', 'up', file, '--state', state], { stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((done, failed) => {
      program.once('exit', (code) => failed(new Error(`the lab ended with ${String(code)}:\n${said}`)));
      for (const source of [createInterface(program.stdout!), createInterface(program.stderr!)]) {
        source.on('line', (line) => {
          said += `${line}\n`;
          const way = /page (https:\/\/\S+\/) .* with the code (\S+)$/.exec(line);
          if (!way) return;
          [, it.address, it.firstCode] = way as unknown as [string, string, string];
          it.ready = performance.now();
          done();
        });
      }
    });
    it.browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'],
    });
  });
  afterAll(async () => {
    await it.browser?.close();
    if (program && program.exitCode === null) {
      const ended = new Promise((done) => program.once('exit', done));
      program.kill('SIGINT');
      await ended;
    }
    rmSync(it.folder, { recursive: true, force: true });
  });
  return it;
}

/** Somebody at a browser of their own. What the page's scripts complain of is kept, and so is whom they asked. */
export class Person {
  problems: string[] = [];
  private constructor(readonly context: BrowserContext, readonly page: Page, readonly address: string) {}
  static async at(of: Lab, code: string, width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Person> {
    const context = await of.browser.newContext({
      viewport: { width, height: 900 }, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', colorScheme, ignoreHTTPSErrors: true,
    });
    context.setDefaultTimeout(120_000);
    const person = new Person(context, await context.newPage(), of.address);
    person.page.on('pageerror', (fault) => person.problems.push(fault.message));
    person.page.on('console', (message) => {
      if (message.type() === 'error' && !/status of [45]\d\d/.test(message.text())) person.problems.push(message.text());
    });
    person.page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== new URL(of.address).origin && protocol !== 'data:') person.problems.push(`a request to ${request.url()}`);
    });
    await person.page.goto(of.address);
    await person.page.getByLabel('Code').fill(code);
    await person.page.keyboard.press('Enter');
    await person.page.getByRole('button', { name: 'Sign out' }).waitFor();
    return person;
  }
  async show(view: string): Promise<void> {
    await this.page.goto(`${this.address}#/${view}`);
    await this.page.reload();
    await this.settled();
  }
  async settled(): Promise<void> {
    await this.page.locator('main h1').waitFor();
    await this.page.waitForFunction(() => !/Asking the coordinator|Drawing \.\.\./.test(document.body.textContent ?? ''));
  }
  /** Asks the view again until it has the text: what the lab does takes its time. */
  async until(view: string, text: string | RegExp): Promise<void> {
    await expect.poll(async () => {
      await this.show(view);
      return this.text();
    }, { timeout: 420_000, interval: 2_000 }).toMatch(text);
  }
  text(): Promise<string> {
    return this.page.locator('main').innerText();
  }
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.problems).toEqual([]);
  }
}

