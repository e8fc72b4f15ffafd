// The steps of checking a stored round, in the order of PROTOCOL.md, section 9. Nothing that the coordinator computed is
// trusted: its verdict is only held against what is signed. The first step that fails ends it, by name.

import { Wrong, equal, hex, joined, sha256 } from './bytes';
import { boundKm, counted } from './counted';
import { keyOf, spkiOf, type VerifyingKey } from './keys';
import { closeOrderOf, ticketOf, transcriptOf, type CloseOrder, type Ticket, type Transcript } from './layout';
import { reportBody, type ReportBody, type SessionReport } from './protobuf';
import type { StoredRound } from './round';
import { readStatement, type Statement } from './statement';

export interface Outcome {
  step: string;
  title: string;
  outcome: 'good' | 'wrong' | 'not looked at';
  /** What was found; of a wrong one, what is wrong. */
  said: string[];
}

/** What earlier steps have found out. */
interface Found {
  round: StoredRound;
  coordinator: VerifyingKey;
  device: VerifyingKey;
  anchors: Map<string, { key: VerifyingKey; id: Uint8Array }>;
  tickets: Map<number, { name: string; ticket: Ticket; digest: Uint8Array; bytes: Uint8Array }>;
  close: CloseOrder | null;
  reports: { name: string; index: number; anchor: string; body: ReportBody }[];
  transcripts: { name: string; index: number; digest: Uint8Array; read: Transcript; session: SessionReport; anchor: string }[];
  statements: { name: string; statement: Statement; covers: string[] }[];
}
type Check = (found: Found) => Promise<string[]>;

const idOf = async (key: VerifyingKey) => (await sha256(key.raw)).subarray(0, 16);
const must = (fine: boolean, wrong: string) => {
  if (!fine) throw new Wrong(wrong);
};

async function keys(found: Found): Promise<string[]> {
  const { round } = found;
  found.coordinator = await keyOf(round.coordinatorKey, 'coordinator.pub.pem');
  must(found.coordinator.kind === 'Ed25519', 'coordinator.pub.pem is no Ed25519 key');
  found.device = await keyOf(spkiOf(round.deviceCertificate, 'device.pem'), 'device.pem');
  for (const [name, spki] of round.anchorKeys) {
    const key = await keyOf(spki, `anchor-${name}.pub.pem`);
    must(key.kind === 'Ed25519', `anchor-${name}.pub.pem is no Ed25519 key`);
    found.anchors.set(name, { key, id: await idOf(key) });
  }
  return [`the coordinator's key, ${found.anchors.size} keys of anchors, and the device's: ${found.device.kind}`];
}

async function tickets(found: Found): Promise<string[]> {
  must(found.round.tickets.length > 0, 'there is no ticket');
  const coordinator = await idOf(found.coordinator);
  let first: Ticket | null = null;
  for (const { name, index, bytes } of found.round.tickets) {
    const ticket = ticketOf(bytes, name);
    must(equal(ticket.coordinator, coordinator), `${name} names another coordinator than the one whose key this is`);
    must(await found.coordinator.verify(ticket.signature, joined('chiploc ticket v1\0', ticket.signed)), `${name} is not signed by the coordinator`);
    must(ticket.index === index && !found.tickets.has(index), `${name} is the ticket of index ${ticket.index}`);
    must(!first || (equal(first.round, ticket.round) && equal(first.chip, ticket.chip)), `${name} is of another round or chip`);
    must(!first || !equal(first.anchor, ticket.anchor), `${name} names an anchor that has another ticket`);
    first ??= ticket;
    found.tickets.set(index, { name, ticket, digest: await sha256(bytes), bytes });
  }
  return [`${found.tickets.size} tickets, all of round ${hex(first!.round)} and chip ${hex(first!.chip)}`];
}

async function closeOrder(found: Found): Promise<string[]> {
  if (!found.round.closeOrder) return ['the round was never closed: nothing to check'];
  const close = closeOrderOf(found.round.closeOrder, 'close-order.bin');
  must(await found.coordinator.verify(close.signature, joined('chiploc close v1\0', close.signed)), 'close-order.bin is not signed by the coordinator');
  const ticket = [...found.tickets.values()][0]!.ticket;
  must(equal(close.round, ticket.round) && equal(close.chip, ticket.chip), 'close-order.bin is of another round or chip');
  must(equal(close.coordinator, ticket.coordinator), 'close-order.bin names another coordinator');
  found.close = close;
  return ['the order to close is signed, and of this round and chip'];
}

async function reports(found: Found): Promise<string[]> {
  for (const { name, index, anchor, body, signature } of found.round.reports) {
    const known = found.anchors.get(anchor);
    if (!known) throw new Wrong(`there is no anchor-${anchor}.pub.pem for ${name}`);
    must(await known.key.verify(signature, joined('chiploc report v1\0', body)), `${name} is not signed by the anchor ${anchor}`);
    const read = reportBody(body, name);
    const ticket = found.tickets.get(index);
    if (!ticket) throw new Wrong(`there is no ticket for ${name}`);
    must(equal(read.ticket, ticket.bytes), `${name} is about another ticket than ${ticket.name}`);
    must(equal(read.anchor, known.id) && equal(ticket.ticket.anchor, known.id), `${name} names another anchor than the one whose key this is`);
    must(equal(read.round, ticket.ticket.round), `${name} is of another round`);
    found.reports.push({ name, index, anchor, body: read });
  }
  return [`${found.reports.length} reports, each signed by its anchor and about its ticket`];
}

const kMostNs = 20e9;
function samplesFit(session: SessionReport, transcript: Transcript, name: string): void {
  const seen = new Set<number>();
  for (const sample of session.samples) {
    const residence = transcript.residence.get(sample.sequence);
    must(residence !== undefined, `${name}: the round trip of ping ${sample.sequence} has no answer in the transcript`);
    must(!seen.has(sample.sequence), `${name}: two round trips of ping ${sample.sequence}`);
    must(sample.rttNs > 0 && sample.rttNs <= kMostNs, `${name}: ${sample.rttNs} ns is no round trip`);
    seen.add(sample.sequence);
  }
}
async function transcripts(found: Found): Promise<string[]> {
  const reported: { report: Found['reports'][number]; session: SessionReport; used: boolean }[] = [];
  for (const report of found.reports) {
    for (const session of report.body.sessions) reported.push({ report, session, used: false });
  }
  let samples = 0;
  for (const { name, index, bytes } of found.round.transcripts) {
    const place = reported.find((one) => !one.used && one.report.index === index && equal(one.session.transcript, bytes));
    if (!place) throw new Wrong(`${name} is in no signed report of that anchor`);
    place.used = true;
    const read = transcriptOf(bytes, name);
    must(equal(read.ticket, found.tickets.get(index)!.digest), `${name} was exchanged under another ticket`);
    must(equal(read.agentPublic, place.session.agentPublic) && equal(read.session, place.session.sessionId), `${name} is of another session than its report says`);
    samplesFit(place.session, read, name);
    samples += place.session.samples.length;
    found.transcripts.push({ name, index, digest: await sha256(bytes), read, session: place.session, anchor: place.report.anchor });
  }
  const missing = reported.find((one) => !one.used);
  if (missing) throw new Wrong(`${missing.report.name} has a session whose transcript is not here`);
  return [`${found.transcripts.length} transcripts stand word for word in signed reports, with ${samples} round trips that fit them`];
}

async function openings(found: Found): Promise<string[]> {
  let checked = 0;
  for (const { name, index, opening, bytes } of found.round.transcripts) {
    const transcript = found.transcripts.find((one) => one.name === name)!;
    must(equal(opening ?? new Uint8Array(), transcript.session.opening), `the opening of ${name} is not the one in its report`);
    if (!opening) continue;
    const ticket = found.tickets.get(index)!.bytes;
    const signed = joined('chiploc open v1\0', ticket.subarray(4, 52), bytes.subarray(54, 86));
    must(await found.device.verify(opening, signed), `the session of ${name} was not opened by the chip's key`);
    checked += 1;
  }
  return [checked > 0 ? `${checked} sessions were opened by the chip's key` : 'no session has a signature of its opening (protocol 1)'];
}

async function statements(found: Found): Promise<string[]> {
  const { round, close, device } = found;
  if (round.statements.length === 0) throw new Wrong('there is no statement: unsigned answers prove nothing');
  if (!close) throw new Wrong('there is a statement, and no order to close that it could answer');
  const said: string[] = [];
  const certificate = await sha256(round.deviceCertificate);
  for (const { name, bytes } of round.statements) {
    const statement = readStatement(bytes, name);
    must(statement.algorithm === device.cose, `${name} is signed by another algorithm than the device's key has`);
    must(await device.verify(statement.signature, statement.signed), `${name} is not signed by the chip's key`);
    must(equal(statement.nonce, close.nonce), `${name} does not answer this order to close: an old one again?`);
    must(equal(statement.round, close.round), `${name} is of another round`);
    must(equal(statement.ueid, joined(Uint8Array.of(1), close.chip)), `${name} is of another chip`);
    must(equal(statement.coordinator, close.coordinator), `${name} is for another coordinator`);
    if (!equal(statement.certificate, certificate)) said.push(`${name} names another certificate over the same key: a renewal under way`);
    found.statements.push({ name, statement, covers: [] });
  }
  return [`${round.statements.length === 1 ? 'the statement is' : `${round.statements.length} statements are`} signed by the chip's key, and of this round`, ...said];
}

async function covered(found: Found): Promise<string[]> {
  const said: string[] = [];
  for (const one of found.statements) {
    for (const [index, digest] of one.statement.transcripts) {
      must(((found.close!.mask >> BigInt(index)) & 1n) === 1n, `${one.name} covers an anchor that the order to close does not name`);
      const transcript = found.transcripts.find((t) => t.index === index && equal(t.digest, digest));
      if (transcript) one.covers.push(transcript.name);
      else said.push(`${one.name} signs another transcript with the anchor of index ${index} than was reported`);
    }
    must(one.covers.length > 0, `${one.name} covers no transcript that is here`);
    said.unshift(`${one.name}: the chip's key signed ${one.covers.length} transcripts`);
  }
  const signed = new Set(found.statements.flatMap((one) => one.covers));
  for (const { name } of found.transcripts) if (!signed.has(name)) said.push(`not signed by the chip: ${name}`);
  const [first, ...others] = found.statements;
  for (const other of others) {
    if (first && other.covers.join() !== first.covers.join()) {
      said.push(`two holders of the key: ${other.name} is about other sessions than ${first.name}`);
    }
  }
  return said;
}

interface ToldAnchor {
  anchor?: unknown;
  used?: unknown;
  rtt_min_ns?: unknown;
  bound_km?: unknown;
}
async function figures(found: Found): Promise<string[]> {
  const told = found.round.verdict as { anchors?: ToldAnchor[]; speed_km_s?: unknown } | null;
  if (!told || !Array.isArray(told.anchors)) return ['there is no verdict.json: nothing to hold against the round trips'];
  const speed = typeof told.speed_km_s === 'number' ? told.speed_km_s : Number.NaN;
  const signed = new Set(found.statements.flatMap((one) => one.covers));
  const said: string[] = [];
  for (const anchor of told.anchors) {
    if (anchor.used !== true) continue;
    const name = String(anchor.anchor);
    const own = found.transcripts.filter((one) => one.anchor === name.replace(/[^A-Za-z0-9._-]/g, '_') && signed.has(one.name));
    const fits = own.map((one) => counted(one.session.samples)).find((sample) => sample !== null && sample.rttNs === anchor.rtt_min_ns);
    if (!fits) throw new Wrong(`the verdict counts a round trip of ${String(anchor.rtt_min_ns)} ns at ${name}; no signed and borne out one there is that`);
    const bound = boundKm(fits.rttNs, speed);
    must(typeof anchor.bound_km === 'number' && Math.abs(anchor.bound_km - bound) < 0.01, `the verdict says ${String(anchor.bound_km)} km at ${name}; the round trip proves ${bound.toFixed(3)} km`);
    said.push(`${name}: ${(fits.rttNs / 1e6).toFixed(3)} ms, so within ${bound.toFixed(1)} km`);
  }
  return said.length > 0 ? said : ['the verdict uses no round trip'];
}

const kSteps: readonly [string, string, Check][] = [
  ['keys', 'Keys and certificate can be read', keys],
  ['tickets', 'The coordinator signed every ticket', tickets],
  ['close', 'The coordinator signed the order to close', closeOrder],
  ['reports', 'Each anchor signed its report', reports],
  ['transcripts', 'What was exchanged stands in signed reports', transcripts],
  ['openings', "The chip's key opened every session", openings],
  ['statement', "The chip's key signed one statement", statements],
  ['covered', 'The statement covers the transcripts', covered],
  ['figures', 'The verdict\'s disks follow from signed round trips', figures],
];
export const kStepTitles = kSteps.map(([step, title]) => ({ step, title }));

/** One outcome after the other; behind a wrong one nothing is looked at. */
export async function* checkRound(round: StoredRound): AsyncGenerator<Outcome> {
  const found = {
    round, anchors: new Map(), tickets: new Map(), close: null, reports: [], transcripts: [], statements: [],
  } as unknown as Found;
  let wrong = false;
  for (const [step, title, check] of kSteps) {
    if (wrong) {
      yield { step, title, outcome: 'not looked at', said: [] };
      continue;
    }
    try {
      yield { step, title, outcome: 'good', said: await check(found) };
    } catch (fault) {
      wrong = true;
      yield { step, title, outcome: 'wrong', said: [fault instanceof Wrong ? fault.message : `this page failed: ${String(fault)}`] };
    }
  }
}
