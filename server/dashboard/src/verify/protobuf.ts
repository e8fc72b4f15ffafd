// Just enough of protobuf's wire format to read what an anchor signed: v1.ReportBody of proto/v1/evidence.proto.

import { Wrong } from './bytes';

export interface Sample {
  sequence: number;
  rttNs: number;
  residenceNs: number;
  source: number;
  sentNs: number;
  receivedNs: number;
}
export interface SessionReport {
  agentPublic: Uint8Array;
  sessionId: Uint8Array;
  transcript: Uint8Array;
  samples: Sample[];
  finished: boolean;
  opening: Uint8Array;
}
export interface ReportBody {
  round: Uint8Array;
  anchor: Uint8Array;
  ticket: Uint8Array;
  sessions: SessionReport[];
}

type Field = { number: number; value: bigint; bytes: Uint8Array };
const kNone = new Uint8Array();

function* fields(bytes: Uint8Array, what: string): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Wrong(`${what} ends within a number`);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Wrong(`${what} has a number of more than 10 bytes`);
  };
  const take = (size: number): Uint8Array => {
    if (at + size > bytes.length) throw new Wrong(`${what} ends within a field`);
    at += size;
    return bytes.subarray(at - size, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    const kind = Number(key & 7n);
    if (kind === 0) yield { number, value: varint(), bytes: kNone };
    else if (kind === 1) yield { number, value: 0n, bytes: take(8) };
    else if (kind === 2) yield { number, value: 0n, bytes: take(Number(varint())) };
    else if (kind === 5) yield { number, value: 0n, bytes: take(4) };
    else throw new Wrong(`${what} has a field of a kind that does not exist`);
  }
}
const signed = (value: bigint) => Number(BigInt.asIntN(64, value));

function sampleOf(bytes: Uint8Array, what: string): Sample {
  const out: Sample = { sequence: 0, rttNs: 0, residenceNs: 0, source: 0, sentNs: 0, receivedNs: 0 };
  for (const { number, value } of fields(bytes, what)) {
    if (number === 1) out.sequence = Number(value);
    if (number === 2) out.rttNs = signed(value);
    if (number === 4) out.residenceNs = Number(value);
    if (number === 5) out.source = Number(value);
    if (number === 6) out.sentNs = signed(value);
    if (number === 7) out.receivedNs = signed(value);
  }
  return out;
}
function sessionOf(bytes: Uint8Array, what: string): SessionReport {
  const out: SessionReport = { agentPublic: kNone, sessionId: kNone, transcript: kNone, samples: [], finished: false, opening: kNone };
  for (const field of fields(bytes, what)) {
    if (field.number === 1) out.agentPublic = field.bytes;
    if (field.number === 2) out.sessionId = field.bytes;
    if (field.number === 3) out.transcript = field.bytes;
    if (field.number === 4) out.samples.push(sampleOf(field.bytes, what));
    if (field.number === 5) out.finished = field.value !== 0n;
    if (field.number === 11) out.opening = field.bytes;
  }
  return out;
}
export function reportBody(bytes: Uint8Array, what: string): ReportBody {
  const out: ReportBody = { round: kNone, anchor: kNone, ticket: kNone, sessions: [] };
  for (const field of fields(bytes, what)) {
    if (field.number === 1) out.round = field.bytes;
    if (field.number === 2) out.anchor = field.bytes;
    if (field.number === 3) out.ticket = field.bytes;
    if (field.number === 4) out.sessions.push(sessionOf(field.bytes, what));
  }
  return out;
}
