// How long a frame takes while the map is moved, with 100,000 chips: the page's map against Leaflet's canvas, one after the other
// in one browser. And the page itself: until its first marks stand, and its frames while the map is dragged.
//
//     npm run bench [-- CHIPS]
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const dashboard = join(here, '../../../../server/dashboard');
const chips = Number(process.argv[2] ?? 100_000);
const out = mkdtempSync(join(tmpdir(), 'chiploc-pan-'));
await build({
  configFile: false, logLevel: 'error', root: here,
  resolve: { alias: { 'd3-geo': join(dashboard, 'node_modules/d3-geo') } },
  build: { outDir: out, emptyOutDir: true, assetsInlineLimit: 0, lib: { entry: { page: join(here, 'pan_page.ts'), fleet: join(here, '../browser/many_chips.ts') }, formats: ['es'] } },
});
const { fleetPage } = await import(join(out, 'fleet.js'));
const atlas = createRequire(join(dashboard, 'package.json')).resolve('world-atlas/countries-110m.json');
const css = createRequire(import.meta.url).resolve('leaflet/dist/leaflet.css');
const html = '<!doctype html><link rel="stylesheet" href="leaflet.css"><style>:root{--land:#f6f3ec;--sea:#dbe7f0;--good:#00734f;--bad:#b3261e;--open:#8a6100;--paper:#fff}body{margin:0}#box{width:1280px;height:800px}</style><div id="box"></div><script type="module" src="page.js"></script>';
const types = { js: 'text/javascript', css: 'text/css', html: 'text/html', svg: 'image/svg+xml', json: 'application/json' };
const http = createServer((request, response) => {
  const url = new URL(request.url, 'http://bench');
  const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
  try {
    if (url.pathname === '/bench/') return send('text/html', html);
    if (/^\/bench\/[\w-]+\.js$/.test(url.pathname)) return send(types.js, readFileSync(join(out, url.pathname.slice(7))));
    if (url.pathname === '/bench/leaflet.css') return send(types.css, readFileSync(css));
    if (url.pathname === '/bench/atlas.json') return send(types.json, readFileSync(atlas));
    if (url.pathname === '/v1/chips') return send(types.json, JSON.stringify(fleetPage(chips, Number(url.searchParams.get('page_token') ?? 0), 1000)));
    if (url.pathname.startsWith('/auth/')) return response.writeHead(404).end();
    const file = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
    return send(types[file.split('.').pop()] ?? 'application/octet-stream', readFileSync(join(dashboard, 'dist', file)));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => http.listen(0, '127.0.0.1', listening));
const base = `http://127.0.0.1:${http.address().port}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (fault) => console.error(fault.message));
  await page.goto(`${base}/bench/`);
  await page.waitForFunction(() => 'run' in globalThis);
  const times = await page.evaluate(([count]) => globalThis.run(count, 'atlas.json'), [chips]);
  console.log(`${chips} chips, ms a frame, medians of 60:`);
  for (const [name, frame] of Object.entries(times)) console.log(`  ${name.padEnd(28)} ${frame.toFixed(1).padStart(8)}`);
  const theirs = times['leaflet, canvas'];
  for (const name of ['chiploc, by site', 'chiploc, every chip a mark']) console.log(`  leaflet / ${name}: ${(theirs / times[name]).toFixed(1)}`);
  await page.close();

  const whole = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await whole.goto(`${base}/#/map`);
  await whole.waitForFunction(() => performance.getEntriesByName('first-marks').length > 0);
  const first = await whole.evaluate(() => performance.getEntriesByName('first-marks')[0].startTime);
  await whole.getByText(new RegExp(`^${chips.toLocaleString('en-GB')} chips\\.`)).waitFor({ timeout: 300_000 });
  const all = await whole.evaluate(() => performance.now());
  const box = await whole.locator('canvas').boundingBox();
  await whole.mouse.move(box.x + 600, box.y + 300);
  await whole.mouse.down();
  const frames = whole.evaluate(() => new Promise((done) => {
    const seen = [];
    let last = performance.now();
    const look = (now) => {
      seen.push(now - last);
      last = now;
      if (seen.length < 60) requestAnimationFrame(look);
      else done(seen.sort((a, b) => a - b));
    };
    requestAnimationFrame(look);
  }));
  let panning = true;
  const drag = (async () => {
    for (let n = 0; panning; ++n) await whole.mouse.move(box.x + 600 + 200 * Math.sin(n / 15), box.y + 300 + 40 * Math.cos(n / 9));
  })();
  const seen = await frames;
  panning = false;
  await drag;
  await whole.mouse.up();
  console.log(`the page: first marks after ${first.toFixed(0)} ms, all ${chips} after ${all.toFixed(0)} ms; dragged: ${seen[30].toFixed(1)} ms a frame (median), ${seen[57].toFixed(1)} ms (95 %)`);
} finally {
  await browser.close();
  http.close();
  http.closeAllConnections();
  rmSync(out, { recursive: true, force: true });
}
