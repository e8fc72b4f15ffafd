// Public keys, and what they signed. WebCrypto does the mathematics.

import { Reader, Wrong, hex } from './bytes';

export interface VerifyingKey {
  kind: 'Ed25519' | 'P-256' | 'P-384';
  /** The COSE algorithm that goes with it. */
  cose: bigint;
  raw: Uint8Array;  // of Ed25519: the 32 bytes that names are made of
  verify(signature: Uint8Array, signed: Uint8Array): Promise<boolean>;
}

/** The DER in the first PEM block of that label. */
export function pem(text: string, label: string, what: string): Uint8Array {
  const match = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(text);
  if (!match?.[1]) throw new Wrong(`${what} holds no ${label.toLowerCase()}`);
  try {
    return Uint8Array.from(atob(match[1].replace(/\s/g, '')), (c) => c.charCodeAt(0));
  } catch {
    throw new Wrong(`${what} is no good base64`);
  }
}

interface Der {
  tag: number;
  content: Uint8Array;
  whole: Uint8Array;
}
function* elements(bytes: Uint8Array, what: string): Generator<Der> {
  let rest = bytes;
  while (rest.length > 0) {
    const reader = new Reader(rest, what);
    const tag = reader.u8();
    let size = reader.u8();
    if (size >= 0x80) {
      const count = size & 0x7f;
      if (count === 0 || count > 3) throw new Wrong(`${what} has a DER length of an unknown form`);
      size = Number(reader.number(count));
    }
    const content = reader.take(size);
    const used = rest.length - reader.left;
    yield { tag, content, whole: rest.subarray(0, used) };
    rest = rest.subarray(used);
  }
}
function sequence(bytes: Uint8Array, what: string): Der[] {
  const first = [...elements(bytes, what)][0];
  if (first?.tag !== 0x30) throw new Wrong(`${what} is no DER sequence`);
  return [...elements(first.content, what)];
}

/** The SubjectPublicKeyInfo of a certificate (RFC 5280, 4.1). */
export function spkiOf(certificate: Uint8Array, what: string): Uint8Array {
  const tbs = sequence(certificate, what)[0];
  if (!tbs) throw new Wrong(`${what} is no certificate`);
  const parts = sequence(tbs.whole, what);
  const key = parts[parts[0]?.tag === 0xa0 ? 6 : 5];  // behind version, serial, algorithm, issuer, validity, subject
  if (!key) throw new Wrong(`${what} has no public key`);
  return key.whole;
}

const kEd25519 = '06032b6570';
const kCurves: Record<string, { kind: 'P-256' | 'P-384'; hash: string; cose: bigint; size: number }> = {
  '06082a8648ce3d030107': { kind: 'P-256', hash: 'SHA-256', cose: -7n, size: 64 },
  '06052b81040022': { kind: 'P-384', hash: 'SHA-384', cose: -35n, size: 96 },
};

export async function keyOf(spki: Uint8Array, what: string): Promise<VerifyingKey> {
  const [algorithm, bits] = sequence(spki, what);
  if (!algorithm || bits?.tag !== 0x03) throw new Wrong(`${what} holds no public key`);
  const ids = [...elements(algorithm.content, what)].map((one) => hex(one.whole));
  const raw = bits.content.subarray(1);
  try {
    if (ids[0] === kEd25519) {
      const key = await crypto.subtle.importKey('spki', spki, { name: 'Ed25519' }, false, ['verify']);
      return {
        kind: 'Ed25519', cose: -8n, raw,
        verify: (signature, signed) =>
          signature.length === 64 ? crypto.subtle.verify({ name: 'Ed25519' }, key, signature, signed) : Promise.resolve(false),
      };
    }
    const curve = kCurves[ids[1] ?? ''];
    if (curve) {
      const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: curve.kind }, false, ['verify']);
      return {
        kind: curve.kind, cose: curve.cose, raw,
        verify: (signature, signed) =>
          signature.length === curve.size
            ? crypto.subtle.verify({ name: 'ECDSA', hash: curve.hash }, key, signature, signed)
            : Promise.resolve(false),
      };
    }
  } catch (fault) {
    throw new Wrong(`${what}: this browser takes no such key (${fault instanceof Error ? fault.message : 'unknown'})`);
  }
  throw new Wrong(`${what} is of an algorithm that chiploc does not use`);
}

/** Whether this browser can check Ed25519 at all. */
export async function hasEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32).fill(1), { name: 'Ed25519' }, false, ['verify']);
    return true;
  } catch {
    return false;
  }
}
