// The only file that knows paths of chiplocd. Everything else asks by these functions.
//
// Answers are the JSON of the command line. A fault is an ApiError with the sentence that the coordinator said. A change goes
// with the session's X-CSRF-Token. No other host is ever asked: every path is relative to the page's own.

import { readEvents } from './sse';
import type * as t from './types';

export class ApiError extends Error {
  constructor(readonly problem: t.Problem) {
    super(problem.detail || problem.title);
  }
}

/** Where the API is: beside the page. */
const base = new URL('.', document.baseURI);
let session: t.Session | null = null;
let ways: readonly string[] = [];
let reason = '';

/** A list is the parameter again; what is empty or undefined is not sent. */
type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

function address(path: string, query: Query = {}): URL {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value as string | number | boolean | undefined]) {
      if (one !== undefined && one !== '') url.searchParams.append(name, String(one));
    }
  }
  return url;
}
const named = (name: string) => encodeURIComponent(name);

async function problemOf(response: Response): Promise<t.Problem> {
  const fallback = { title: response.statusText || 'refused', status: response.status, detail: '' };
  try {
    const sent: unknown = await response.json();
    if (typeof sent !== 'object' || sent === null) return fallback;
    const { title, detail, error, ways } = sent as Record<string, unknown>;  // the last two: of /auth
    const said = typeof detail === 'string' ? detail : typeof error === 'string' ? error : '';
    return { ...fallback, title: typeof title === 'string' ? title : fallback.title, detail: said,
      ...(Array.isArray(ways) && { ways: ways.filter((way) => typeof way === 'string') }) };
  } catch {
    return fallback;
  }
}

async function send(url: URL, options: RequestInit): Promise<Response> {
  let response: Response;
  const headers = new Headers(options.headers);
  if (reason) headers.set('chiploc-reason', reason);
  try {
    response = await fetch(url, { credentials: 'same-origin', ...options, headers });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === 'AbortError') throw fault;
    throw new ApiError({ title: 'not reachable', status: 0, detail: 'The coordinator does not answer. Is it running, and is there a way to it?' });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}
async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await send(address(path, query), { headers: { accept: 'application/json' }, ...(signal && { signal }) });
  return (await response.json()) as T;
}
function changing(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-csrf-token': session?.csrf_token ?? '' },
    body: JSON.stringify(body),
  };
}
async function post<T>(path: string, body: unknown): Promise<T> {
  return (await (await send(address(path), changing(body))).json()) as T;
}

export interface Page {
  next_page_token: string | null;
}
/** Pages of a list, one after the other. A page may be empty before the last; what is taken is bounded by `most`. */
export async function* pages<T extends Page>(
  path: string, query: Query, signal?: AbortSignal, most = 1000): AsyncGenerator<T> {
  let token: string | null = null;
  for (let n = 0; n < most; ++n) {
    const page: T = await get<T>(path, { ...query, page_token: token ?? undefined }, signal);
    yield page;
    token = page.next_page_token;
    if (!token) return;
  }
}

// Who asks -----------------------------------------------------------------------------------------------
/** Nobody is told who asks: no /auth is served, so calls come with a certificate, or there is nobody to ask. */
const kUntold: t.Session = { name: '', role: '', entity: null, csrf_token: '' };

/** Whose session this is. Null: nobody has signed in. */
export async function me(): Promise<t.Session | null> {
  try {
    session = await get<t.Session>('auth/me');
  } catch (fault) {
    if (!(fault instanceof ApiError) || ![401, 404].includes(fault.problem.status)) throw fault;
    session = fault.problem.status === 404 ? kUntold : null;
    ways = fault.problem.ways ?? [];
  }
  return session;
}
/** Who sees what is sealed, places first of all, once they say why; it is on record. */
export const mayGiveReason = (of: t.Session | null) => of !== null && ['regulator', 'analyst'].includes(of.role);
/** Goes with every call from now on. A field of HTTP holds bytes: the text's in UTF-8. */
export function lookFor(why: string): void {
  reason = String.fromCharCode(...new TextEncoder().encode(why.trim()));
}
/** How one may sign in, where me() found nobody. */
export const mayEnterCode = () => ways.includes('code');
export const hasIssuer = () => ways.includes('issuer');
/** Signs in by a code of `chiploc page`. */
export async function signIn(code: string): Promise<t.Session | null> {
  await post<unknown>('auth/code', { code });
  return me();
}
/** Where to sign in; the way back is to this page. What stands behind its '#' no server is told: App keeps that. */
export const loginAddress = () => address('auth/login', { return: base.pathname }).href;
/** Ends the session; gives where to leave the issuer too, if there is such a place. */
export async function logout(): Promise<string | null> {
  const { end_session } = await post<{ end_session: string | null }>('auth/logout', {});
  return end_session;
}

// What is there ------------------------------------------------------------------------------------------
type ChipsPage = Page & { chips: t.Chip[]; total?: number | null };
/** What the map needs of a chip: a whole verdict each would be a hundred times as much. */
const kMapFields = ['chip_id', 'site', 'last_verdict.state', 'last_verdict.expires_at', 'last_verdict.region'].map((name) => `chips.${name}`);
export const fleetPages = (signal?: AbortSignal) =>
  pages<ChipsPage>('v1/chips', { page_size: 1000, fields: [...kMapFields, 'next_page_token'].join(',') }, signal);
export const summary = (signal?: AbortSignal) => get<t.Summary>('v1/summary', {}, signal);
export const chips = (query: Query, signal?: AbortSignal) => get<ChipsPage>('v1/chips', query, signal);
export const chipsAt = (site: string, signal?: AbortSignal) =>
  get<ChipsPage>('v1/chips', { site, with_regions: true, page_size: 100 }, signal);
export const chip = (name: string, signal?: AbortSignal) => get<t.Chip>(`v1/chips/${named(name)}`, {}, signal);
export const statusChanges = (query: Query, signal?: AbortSignal) =>
  get<Page & { changes: t.StatusChange[] }>('v1/status-changes', query, signal);
export const verdicts = (query: Query, signal?: AbortSignal) =>
  get<Page & { verdicts: t.Verdict[] }>('v1/verdicts', query, signal);
export const verdict = (id: string, signal?: AbortSignal) => get<t.Verdict>(`v1/verdicts/${named(id)}`, {}, signal);
/** With all that the round left behind: auditors and admins. */
export const evidenceOf = (id: string, signal?: AbortSignal) =>
  get<unknown>(`v1/verdicts/${named(id)}`, { with_evidence: true }, signal);
export const cases = (query: Query, signal?: AbortSignal) => get<Page & { cases: t.Case[] }>('v1/cases', query, signal);
export const caseInFull = (name: string, signal?: AbortSignal) => get<t.CaseInFull>(`v1/cases/${named(name)}`, {}, signal);
export const orders = (query: Query, signal?: AbortSignal) => get<Page & { orders: t.Order[] }>('v1/orders', query, signal);
export const order = (name: string, signal?: AbortSignal) => get<t.OrderInFull>(`v1/orders/${named(name)}`, {}, signal);
export const anchors = (signal?: AbortSignal) => get<{ anchors: t.Anchor[] }>('v1/anchors', {}, signal);
export const territory = (name: string, signal?: AbortSignal) =>
  get<t.Territory>(`v1/territories/${named(name)}`, {}, signal);
export const policy = (signal?: AbortSignal) => get<t.Policy>('v1/policy', {}, signal);
export const policies = (signal?: AbortSignal) => get<{ policies: t.PolicyRecord[] }>('v1/policies', {}, signal);
/** `since` is a time in ISO 8601, or a day. */
export const replayPolicy = (toml: string, since: string, token: string | null) =>
  post<t.ReplayPage>('v1/policies/replay', { policy: { name: 'policy of the page', content: toml }, since, page_token: token ?? undefined });

// What persons do ----------------------------------------------------------------------------------------
const deed = (name: string, what: string, body: unknown) => post<t.Case>(`v1/cases/${named(name)}/${what}`, body);
export const comment = (name: string, text: string) => deed(name, 'comments', { text });
export const assign = (name: string, assignee: string) => deed(name, 'assign', { assignee });
export const dispute = (name: string, statement: string, remeasure: boolean, evidence_sha256: string | undefined) =>
  deed(name, 'dispute', { statement, remeasure, evidence_sha256 });
export const decide = (name: string, uphold: boolean, reason: string) => deed(name, 'dispute/decide', { uphold, reason });
export const resolve = (name: string, how: t.CaseEnd, reason: string) => deed(name, 'resolve', { how, reason });
export const reopen = (name: string, reason: string) => deed(name, 'reopen', { reason });

/** A round of this chip, now: its events as they come, the verdict last. */
export async function* verify(name: string, signal: AbortSignal): AsyncGenerator<t.RoundEvent> {
  const request = changing({});
  const response = await send(address(`v1/chips/${named(name)}/verify`), {
    ...request, signal, headers: { ...request.headers, accept: 'text/event-stream' },
  });
  if (!response.body) return;
  for await (const { event, data } of readEvents(response.body)) {
    const body = JSON.parse(data) as t.RoundEvent;
    yield event === 'problem' ? { event, problem: body as unknown as t.Problem } : body;
  }
}
