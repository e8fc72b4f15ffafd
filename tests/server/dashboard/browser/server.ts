// Serves the built page and a lab's recorded answers, as chiplocd does: the same headers, the same paths. Until chiplocd
// serves it in a test, and for whatever has to be large or slow on purpose.

import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
export const kDist = join(here, '../../../server/dashboard/dist');
export const kFixtures = join(here, 'fixtures/v1');

/** What chiplocd sends with every answer. */
export const kPolicy = "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const kTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.svg': 'image/svg+xml',
};

export interface Change {
  path: string;
  token: string | undefined;
  body: Record<string, unknown>;
}
export interface TestServer {
  base: string;
  /** Changes that came, in order. */
  changes: Change[];
  /** Paths in place of what was recorded: what a test wants to see. */
  instead: Map<string, (query: URLSearchParams) => unknown>;
  role: string;
  /** Why they looked, of each call that said so. */
  reasons: string[];
  /** Of signing in, where there is no role. */
  ways: string[];
  end(): Promise<void>;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}
/** The recorded answer of a path; lists of one chip lie apart. */
function recorded(path: string, query: URLSearchParams): unknown {
  const of = query.get('chip');
  const file = join(kFixtures, of ? `${path}/of/${of}.json` : `${path}.json`);
  if (!file.startsWith(kFixtures) || !existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8'));
}
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text || '{}') as Record<string, unknown>;
}

async function answer(server: TestServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://page');
  response.setHeader('content-security-policy', kPolicy);
  response.setHeader('x-content-type-options', 'nosniff');
  const path = decodeURIComponent(url.pathname);
  const why = request.headers['chiploc-reason'];
  if (typeof why === 'string') server.reasons.push(Buffer.from(why, 'latin1').toString('utf8'));
  if (path === '/auth/me') {
    if (!server.role) return sendJson(response, 401, { title: 'not signed in', status: 401, detail: '', ways: server.ways });
    return sendJson(response, 200, { name: 'ann', role: server.role, entity: null, csrf_token: 'token-of-the-session' });
  }
  if (path === '/auth/code') {
    const { code } = await bodyOf(request);
    if (code !== '7K2M-Q9XD-4F0B') return sendJson(response, 403, { error: 'this code is not known' });
    server.role = 'auditor';
    return sendJson(response, 200, { signed_in: true });
  }
  if (path === '/auth/logout') {
    const mine = request.headers['x-csrf-token'] === 'token-of-the-session';
    if (!mine) return sendJson(response, 403, { error: 'the X-CSRF-Token is missing' });
    server.role = '';
    return sendJson(response, 200, { end_session: null });
  }
  if (!path.startsWith('/v1/')) {
    const file = join(kDist, normalize(path === '/' ? '/index.html' : path));
    if (!file.startsWith(kDist) || !existsSync(file) || !statSync(file).isFile()) return sendJson(response, 404, { title: 'not found', status: 404, detail: path });
    response.writeHead(200, { 'content-type': kTypes[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
    return;
  }
  const name = path.slice('/v1/'.length);
  const instead = server.instead.get(name);
  if (request.method === 'POST') {
    const token = request.headers['x-csrf-token'];
    server.changes.push({ path: name, token: typeof token === 'string' ? token : undefined, body: await bodyOf(request) });
    const made = instead?.(url.searchParams);
    if (typeof made === 'function') return (made as (response: ServerResponse) => void)(response);
    return sendJson(response, 200, made ?? recorded(name.split('/').slice(0, 2).join('/'), url.searchParams) ?? {});
  }
  const found = instead ? instead(url.searchParams) : recorded(name, url.searchParams);
  if (found === undefined) return sendJson(response, 404, { title: 'not found', status: 404, detail: `there is no ${name}` });
  sendJson(response, 200, found);
}

export async function serve(): Promise<TestServer> {
  const http = createServer((request, response) => {
    answer(server, request, response).catch((fault: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { title: 'failed', status: 500, detail: String(fault) });
    });
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const server: TestServer = {
    base: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    changes: [], instead: new Map(), role: 'admin', ways: ['issuer'], reasons: [],
    end: () => new Promise((ended) => {
      http.closeAllConnections();
      http.close(() => ended());
    }),
  };
  return server;
}
