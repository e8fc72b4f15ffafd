// A round made here, with keys of its own: every signature is right whatever a test changes in it, so that each rule stands
// alone. What real programs write is in fixtures/evidence.
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { joined } from '../../../../server/dashboard/src/verify/bytes';
import { boundKm, counted } from '../../../../server/dashboard/src/verify/counted';
import type { Sample } from '../../../../server/dashboard/src/verify/protobuf';
import type { StoredRound } from '../../../../server/dashboard/src/verify/round';
import { checkRound, type Outcome } from '../../../../server/dashboard/src/verify/steps';

type Bytes = Uint8Array;
const bytes = (size: number, seed: number): Bytes => Uint8Array.from({ length: size }, (_, i) => (i * 7 + seed * 31) & 255);
const sha256 = (data: Bytes): Bytes => new Uint8Array(createHash('sha256').update(data).digest());
const big = (value: number | bigint, size: number): Bytes => Uint8Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * (size - 1 - i))) & 255n));

export type Curve = 'ed25519' | 'prime256v1' | 'secp384r1';
interface Pair {
  spki: Bytes;
  private: KeyObject;
}
function pair(curve: Curve = 'ed25519'): Pair {
  const made = curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curve });
  return { spki: new Uint8Array(made.publicKey.export({ type: 'spki', format: 'der' })), private: made.privateKey };
}
const raw = (key: Pair) => key.spki.subarray(-32);
const idOf = (key: Pair) => sha256(raw(key)).subarray(0, 16);
function signed(key: Pair, curve: Curve, data: Bytes): Bytes {
  if (curve === 'ed25519') return new Uint8Array(sign(null, data, key.private));
  return new Uint8Array(sign(curve === 'prime256v1' ? 'sha256' : 'sha384', data, { key: key.private, dsaEncoding: 'ieee-p1363' }));
}

// DER, protobuf and CBOR, as much as a round needs.
function der(tag: number, ...parts: Bytes[]): Bytes {
  const content = joined(...parts);
  const size = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255];
  return joined(Uint8Array.of(tag, ...size), content);
}
/** Only its public key is ever read. */
const certificateOf = (spki: Bytes) => {
  const none = der(0x30);
  return der(0x30, der(0x30, der(0xa0, der(0x02, Uint8Array.of(2))), der(0x02, Uint8Array.of(9)), none, none, none, none, spki), none, der(0x03, Uint8Array.of(0)));
};
function varint(value: number | bigint): Bytes {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(out);
}
const number = (field: number, value: number) => joined(varint(field << 3), varint(value));
const blob = (field: number, value: Bytes) => joined(varint((field << 3) | 2), varint(value.length), value);
type Item = number | Bytes | string | Item[] | Map<number, Item>;
function cbor(item: Item): Bytes {
  const head = (major: number, size: number) => size < 24 ? Uint8Array.of((major << 5) | size)
    : size < 256 ? Uint8Array.of((major << 5) | 24, size)
    : size < 65536 ? joined(Uint8Array.of((major << 5) | 25), big(size, 2)) : joined(Uint8Array.of((major << 5) | 26), big(size, 4));
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item);
  if (typeof item === 'string') return joined(head(3, item.length), item);
  if (item instanceof Uint8Array) return joined(head(2, item.length), item);
  if (Array.isArray(item)) return joined(head(4, item.length), ...item.map(cbor));
  return joined(head(5, item.size), ...[...item].flatMap(([key, value]) => [cbor(key), cbor(value)]));
}

export interface MadeSession {
  agentPublic: Bytes;
  sessionId: Bytes;
  ticketDigest: Bytes;
  received: bigint;
  residenceNs: number[];
  samples: Sample[];
  openingSigned: Bytes | null;  // what the device signs; null: no opening
}
/** What a test may change, each just before it is signed or written. */
export interface Changes {
  ticket?(index: number, unsigned: Bytes): void;
  close?(unsigned: Bytes): void;
  session?(index: number, session: MadeSession): void;
  report?(index: number, report: { round: Bytes; anchor: Bytes; ticket: Bytes }): void;
  claims?(claims: Map<number, Item>): void;
  header?(header: Map<number, Item>): void;
  verdict?(verdict: { anchors: { anchor: string; used: boolean; rtt_min_ns: number; bound_km: number }[]; speed_km_s: number }): void;
  whole?(round: StoredRound): void;
}

const sample = (sequence: number, rttNs: number, sentNs: number): Sample => ({ sequence, rttNs, residenceNs: 500, source: 1, sentNs, receivedNs: sentNs + rttNs });

export function made(changes: Changes = {}, curve: Curve = 'ed25519', anchors = 3): StoredRound {
  const coordinator = pair(), device = pair(curve);
  const round = bytes(16, 1), chip = bytes(16, 2), nonce = bytes(16, 3), agentPublic = bytes(32, 4);
  const certificate = certificateOf(device.spki);
  const out: StoredRound = {
    format: 'made', tickets: [], reports: [], transcripts: [], closeOrder: null, statements: [], unjudged: [], anchorKeys: new Map(),
    coordinatorKey: coordinator.spki, deviceCertificate: certificate, verdict: null,
  };
  const digests = new Map<number, Item>();
  const told = { speed_km_s: 299_792.458, anchors: [] as { anchor: string; used: boolean; rtt_min_ns: number; bound_km: number }[] };
  for (let index = 0; index < anchors; ++index) {
    const anchor = pair(), name = `a${index}`;
    out.anchorKeys.set(name, anchor.spki);
    const unsigned = joined(Uint8Array.of(1, 1, 0, 0), idOf(coordinator), round, chip, idOf(anchor), Uint8Array.of(index, anchors, 6, 4), bytes(84, index));
    changes.ticket?.(index, unsigned);
    const ticket = joined(unsigned, signed(coordinator, 'ed25519', joined('chiploc ticket v1\0', unsigned)));
    out.tickets.push({ name: `ticket-0${index}.bin`, index, bytes: ticket });

    const session: MadeSession = {
      agentPublic, sessionId: bytes(8, 10 + index), ticketDigest: sha256(ticket), received: 0b111n, residenceNs: [500, 500, 500],
      samples: [sample(0, 1_000_000, 0), sample(1, 1_100_000, 5_000_000), sample(2, 1_200_000, 9_000_000)],
      openingSigned: joined('chiploc open v1\0', ticket.subarray(4, 52), agentPublic),
    };
    changes.session?.(index, session);
    const answers = session.residenceNs.map((residence, n) => joined(bytes(16, 40 + n), big(residence, 4), bytes(16, 50 + n)));
    const transcript = joined('chiploc transcript v1\0', session.ticketDigest, agentPublic, bytes(8, 10 + index), big(session.received, 8), ...answers);
    const opening = session.openingSigned ? signed(device, curve, session.openingSigned) : null;
    const samples = session.samples.map((one) => blob(4, joined(number(1, one.sequence), number(2, one.rttNs), number(4, one.residenceNs), number(5, one.source), number(6, one.sentNs), number(7, one.receivedNs))));
    const written = joined(blob(1, session.agentPublic), blob(2, session.sessionId), blob(3, transcript), ...samples, number(5, 1), opening ? blob(11, opening) : new Uint8Array());
    const report = { round, anchor: idOf(anchor), ticket };
    changes.report?.(index, report);
    const body = joined(blob(1, report.round), blob(2, report.anchor), blob(3, report.ticket), blob(4, written));
    out.reports.push({ name: `report of ${name}`, index, anchor: name, body, signature: signed(anchor, 'ed25519', joined('chiploc report v1\0', body)) });
    out.transcripts.push({ name: `transcript of ${name}`, index, bytes: transcript, opening });
    digests.set(index, sha256(transcript));
    const counts = counted(session.samples);
    if (counts) told.anchors.push({ anchor: name, used: true, rtt_min_ns: counts.rttNs, bound_km: boundKm(counts.rttNs, told.speed_km_s) });
  }
  const close = joined(Uint8Array.of(1, 1, 0, 0), idOf(coordinator), round, chip, nonce, big((1n << BigInt(anchors)) - 1n, 8));
  changes.close?.(close);
  out.closeOrder = joined(close, signed(coordinator, 'ed25519', joined('chiploc close v1\0', close)));

  const claims = new Map<number, Item>([
    [6, 1_790_000_000], [10, nonce], [256, joined(Uint8Array.of(1), chip)], [265, 'tag:chiploc,2026:statement-1'],
    [-70001, round], [-70002, 7], [-70003, digests], [-70004, idOf(coordinator)],
  ]);
  changes.claims?.(claims);
  const header = new Map<number, Item>([[1, { ed25519: -8, prime256v1: -7, secp384r1: -35 }[curve]], [34, [-16, sha256(certificate)]]]);
  changes.header?.(header);
  const protectedHeader = cbor(header), payload = cbor(claims);
  const signature = signed(device, curve, cbor(['Signature1', protectedHeader, new Uint8Array(), payload]));
  out.statements.push({ name: 'statement.cose', bytes: joined(Uint8Array.of(0xd2), cbor([protectedHeader, new Map(), payload, signature])) });
  changes.verdict?.(told);
  out.verdict = told;
  changes.whole?.(out);
  return out;
}

export async function said(round: StoredRound): Promise<Outcome[]> {
  const out: Outcome[] = [];
  for await (const one of checkRound(round)) out.push(one);
  return out;
}
/** The step that fails, and what it says; "holds" if none does. */
export async function fault(round: StoredRound): Promise<string> {
  const wrong = (await said(round)).find((one) => one.outcome === 'wrong');
  return wrong ? `${wrong.step}: ${wrong.said.join(' ')}` : 'holds';
}
