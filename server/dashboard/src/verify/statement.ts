// The chip's one signature of a round: COSE_Sign1 over EAT claims, PROTOCOL.md section 5.

import { Wrong, joined } from './bytes';
import { Tagged, cbor, type Cbor } from './cbor';

export interface Statement {
  algorithm: bigint;
  certificate: Uint8Array;  // SHA-256 of the device certificate
  signed: Uint8Array;       // RFC 9052, 4.4
  signature: Uint8Array;
  nonce: Uint8Array;
  ueid: Uint8Array;
  round: Uint8Array;
  coordinator: Uint8Array;
  counter: bigint;
  transcripts: Map<number, Uint8Array>;
}

const bytesIn = (value: Cbor | undefined, what: string): Uint8Array => {
  if (!(value instanceof Uint8Array)) throw new Wrong(`${what} is not there`);
  return value;
};
const mapIn = (value: Cbor | undefined, what: string): Map<bigint, Cbor> => {
  if (!(value instanceof Map)) throw new Wrong(`${what} is no map`);
  return value;
};

/** A byte string's head, as deterministic CBOR writes it. */
function bytesHead(size: number): Uint8Array {
  if (size < 24) return Uint8Array.of(0x40 | size);
  if (size < 256) return Uint8Array.of(0x58, size);
  return Uint8Array.of(0x59, size >> 8, size & 0xff);
}

export function readStatement(bytes: Uint8Array, name: string): Statement {
  if (bytes.length > 4096) throw new Wrong(`${name} has more than 4,096 bytes`);
  const whole = cbor(bytes, name);
  if (!(whole instanceof Tagged) || whole.tag !== 18n || !Array.isArray(whole.value) || whole.value.length !== 4) {
    throw new Wrong(`${name} is no COSE_Sign1`);
  }
  const protectedHeader = bytesIn(whole.value[0], `${name}: the protected header`);
  if (mapIn(whole.value[1], `${name}: the other header`).size !== 0) throw new Wrong(`${name} has a header that is not protected`);
  const payload = bytesIn(whole.value[2], `${name}: the claims`);
  const header = mapIn(cbor(protectedHeader, `${name}: the protected header`), `${name}: the protected header`);
  const algorithm = header.get(1n), chain = header.get(34n);
  if (typeof algorithm !== 'bigint' || !Array.isArray(chain) || chain[0] !== -16n) throw new Wrong(`${name} names no algorithm or certificate`);
  const claims = mapIn(cbor(payload, `${name}: the claims`), `${name}: the claims`);
  if (claims.get(265n) !== 'tag:chiploc,2026:statement-1') throw new Wrong(`${name} is of a profile that this page does not know`);
  const transcripts = new Map<number, Uint8Array>();
  for (const [index, digest] of mapIn(claims.get(-70003n), `${name}: the transcripts`)) {
    transcripts.set(Number(index), bytesIn(digest, `${name}: a transcript's digest`));
  }
  const counter = claims.get(-70002n);
  if (typeof counter !== 'bigint') throw new Wrong(`${name} has no round counter`);
  return {
    algorithm,
    certificate: bytesIn(chain[1], `${name}: the certificate's digest`),
    signed: joined(Uint8Array.of(0x84, 0x6a), 'Signature1', bytesHead(protectedHeader.length), protectedHeader, Uint8Array.of(0x40), bytesHead(payload.length), payload),
    signature: bytesIn(whole.value[3], `${name}: the signature`),
    nonce: bytesIn(claims.get(10n), `${name}: the nonce`),
    ueid: bytesIn(claims.get(256n), `${name}: the ueid`),
    round: bytesIn(claims.get(-70001n), `${name}: the round`),
    coordinator: bytesIn(claims.get(-70004n), `${name}: the coordinator`),
    counter, transcripts,
  };
}
