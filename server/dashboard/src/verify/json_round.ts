// A round out of the API's JSON: what evidence_json() of server/service writes, beside the verdict.

import { Wrong, hex, joined } from './bytes';
import { ticketOf } from './layout';
import { reportBody } from './protobuf';
import type { StoredRound } from './round';

type Json = Record<string, unknown>;
const objectIn = (value: unknown, what: string): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(`${what} is no object`);
  return value as Json;
};
const listIn = (value: unknown, what: string): unknown[] => {
  if (!Array.isArray(value)) throw new Wrong(`${what} is no list`);
  return value;
};
export function bytesOfHex(value: unknown, what: string): Uint8Array {
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^[0-9a-f]*$/.test(value)) throw new Wrong(`${what} is not hexadecimal`);
  return Uint8Array.from({ length: value.length / 2 }, (_, i) => Number.parseInt(value.slice(2 * i, 2 * i + 2), 16));
}
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo. */
const kEd25519Head = bytesOfHex('302a300506032b6570032100', 'it');
const spki = (value: unknown, what: string) => {
  const raw = bytesOfHex(value, what);
  if (raw.length !== 32) throw new Wrong(`${what} has ${raw.length} bytes; an Ed25519 key has 32`);
  return joined(kEd25519Head, raw);
};
const two = (n: number) => String(n).padStart(2, '0');

export function roundOfJson(value: unknown, file: string): StoredRound {
  const verdict = objectIn(value, file);
  if (verdict['evidence'] === undefined) throw new Wrong(`${file} has no "evidence": ask with with_evidence=true, as an auditor or admin`);
  const evidence = objectIn(verdict['evidence'], 'evidence');
  const names = new Map<string, string>();
  for (const one of listIn(verdict['anchors'], 'anchors')) {
    const anchor = objectIn(one, 'an anchor');
    names.set(String(anchor['anchor_id']), String(anchor['anchor']));
  }
  const named = (id: string) => names.get(id) ?? id;
  const anchorKeys = new Map<string, Uint8Array>();
  for (const [id, key] of Object.entries(objectIn(evidence['anchor_publics'], 'anchor_publics'))) {
    anchorKeys.set(named(id), spki(key, `the key of ${named(id)}`));
  }
  const out: StoredRound = {
    format: 'JSON', tickets: [], reports: [], transcripts: [], statements: [], unjudged: [], anchorKeys,
    closeOrder: evidence['close_order'] === null ? null : bytesOfHex(evidence['close_order'], 'close_order'),
    coordinatorKey: spki(evidence['coordinator_public'], 'coordinator_public'),
    deviceCertificate: bytesOfHex(evidence['device_certificate'], 'device_certificate'),
    verdict,
  };
  listIn(evidence['tickets'], 'tickets').forEach((one, i) => {
    const bytes = bytesOfHex(one, `ticket ${i}`);
    out.tickets.push({ name: `ticket ${i}`, index: ticketOf(bytes, `ticket ${i}`).index, bytes });
  });
  listIn(evidence['reports'], 'reports').forEach((one, i) => {
    const report = objectIn(one, `report ${i}`);
    const body = bytesOfHex(report['body'], `report ${i}`);
    const read = reportBody(body, `report ${i}`);
    const anchor = named(hex(read.anchor)), index = ticketOf(read.ticket, `the ticket in report ${i}`).index;
    out.reports.push({ name: `report of ${anchor}`, index, anchor, body, signature: bytesOfHex(report['signature'], `the signature of report ${i}`) });
    read.sessions.forEach((session, n) => out.transcripts.push({
      name: `transcript ${two(index)} of ${anchor}${n > 0 ? `, session ${n + 1}` : ''}`,
      index, bytes: session.transcript, opening: session.opening.length > 0 ? session.opening : null,
    }));
  });
  const unjudged = new Set(listIn(evidence['unjudged_statements'], 'unjudged_statements'));
  listIn(evidence['statements'], 'statements').forEach((one, i) => {
    const name = `statement ${i}`;
    if (unjudged.has(i)) out.unjudged.push(name);
    else out.statements.push({ name, bytes: bytesOfHex(one, name) });
  });
  return out;
}
