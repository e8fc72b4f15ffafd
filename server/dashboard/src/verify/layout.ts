// Tickets, close orders and transcripts: the bytes of PROTOCOL.md, sections 3 and 5.

import { Reader, Wrong } from './bytes';

export interface Ticket {
  coordinator: Uint8Array;
  round: Uint8Array;
  chip: Uint8Array;
  anchor: Uint8Array;
  index: number;
  count: number;
  pings: number;
  signed: Uint8Array;
  signature: Uint8Array;
}
export interface CloseOrder {
  coordinator: Uint8Array;
  round: Uint8Array;
  chip: Uint8Array;
  nonce: Uint8Array;
  mask: bigint;
  signed: Uint8Array;
  signature: Uint8Array;
}
export interface Transcript {
  ticket: Uint8Array;
  agentPublic: Uint8Array;
  session: Uint8Array;
  received: bigint;
  residence: Map<number, number>;  // by sequence
}

function head(reader: Reader, what: string): void {
  if (reader.u8() !== 1 || reader.u8() !== 1 || reader.number(2) !== 0n) {
    throw new Wrong(`${what} is of a version or an algorithm that this page does not know`);
  }
}
export function ticketOf(bytes: Uint8Array, what: string): Ticket {
  if (bytes.length !== 220) throw new Wrong(`${what} has ${bytes.length} bytes; a ticket has 220`);
  const reader = new Reader(bytes, what);
  head(reader, what);
  return {
    coordinator: reader.take(16), round: reader.take(16), chip: reader.take(16), anchor: reader.take(16),
    index: reader.u8(), count: reader.u8(), pings: reader.u8(),
    signed: bytes.subarray(0, 156), signature: bytes.subarray(156),
  };
}
export function closeOrderOf(bytes: Uint8Array, what: string): CloseOrder {
  if (bytes.length !== 140) throw new Wrong(`${what} has ${bytes.length} bytes; a close order has 140`);
  const reader = new Reader(bytes, what);
  head(reader, what);
  return {
    coordinator: reader.take(16), round: reader.take(16), chip: reader.take(16), nonce: reader.take(16), mask: reader.number(8),
    signed: bytes.subarray(0, 76), signature: bytes.subarray(76),
  };
}

const kTranscriptPrefix = 'chiploc transcript v1\0';
export function transcriptOf(bytes: Uint8Array, what: string): Transcript {
  const reader = new Reader(bytes, what);
  const prefix = new TextDecoder('latin1').decode(reader.take(kTranscriptPrefix.length));
  if (prefix !== kTranscriptPrefix) throw new Wrong(`${what} does not begin as a transcript does`);
  const out: Transcript = {
    ticket: reader.take(32), agentPublic: reader.take(32), session: reader.take(8), received: reader.number(8), residence: new Map(),
  };
  for (let sequence = 0; sequence < 64; ++sequence) {
    if (((out.received >> BigInt(sequence)) & 1n) === 0n) continue;
    reader.take(16);  // nonce
    out.residence.set(sequence, Number(reader.number(4)));
    reader.take(16);  // the PONG's MAC
  }
  reader.end();
  return out;
}
