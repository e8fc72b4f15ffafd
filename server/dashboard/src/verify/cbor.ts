// Deterministic CBOR (RFC 8949, 4.2.1), as statements have it: definite lengths, shortest numbers, keys in order, no floats.

import { Reader, Wrong } from './bytes';

export type Cbor = bigint | Uint8Array | string | Cbor[] | Map<bigint, Cbor> | Tagged;
export class Tagged {
  constructor(readonly tag: bigint, readonly value: Cbor) {}
}

const kDeepest = 6;

/** Reads one item and refuses anything behind it. Throws Wrong in the name of `what`. */
export function cbor(bytes: Uint8Array, what: string): Cbor {
  const reader = new Reader(bytes, what);
  const value = item(reader, what, 0);
  reader.end();
  return value;
}

function item(reader: Reader, what: string, depth: number): Cbor {
  if (depth > kDeepest) throw new Wrong(`${what} is nested too deeply`);
  const first = reader.u8();
  const major = first >> 5, info = first & 31;
  const argument = argumentOf(reader, info, what);
  switch (major) {
    case 0: return argument;
    case 1: return -1n - argument;
    case 2: return reader.take(Number(argument));
    case 3: return new TextDecoder('utf-8', { fatal: true }).decode(reader.take(Number(argument)));
    case 4: {
      const out: Cbor[] = [];
      for (let n = sized(argument, reader, what); n > 0; --n) out.push(item(reader, what, depth + 1));
      return out;
    }
    case 5: {
      const out = new Map<bigint, Cbor>();
      let last: [number, bigint] | null = null;
      for (let n = sized(argument, reader, what); n > 0; --n) {
        const key = item(reader, what, depth + 1);
        if (typeof key !== 'bigint') throw new Wrong(`${what} has a key that is no number`);
        // By their bytes: numbers from 0 before those below, each by its size.
        const order: [number, bigint] = key >= 0n ? [0, key] : [1, -key];
        if (last && (order[0] < last[0] || (order[0] === last[0] && order[1] <= last[1]))) {
          throw new Wrong(`${what} has keys twice or out of order`);
        }
        last = order;
        out.set(key, item(reader, what, depth + 1));
      }
      return out;
    }
    case 6: return new Tagged(argument, item(reader, what, depth + 1));
    default: throw new Wrong(`${what} has a value of a kind that statements do not have`);
  }
}
function argumentOf(reader: Reader, info: number, what: string): bigint {
  if (info < 24) return BigInt(info);
  if (info > 27) throw new Wrong(`${what} has a length that is not definite`);
  const value = reader.number(1 << (info - 24));
  const least = [24n, 0x100n, 0x1_0000n, 0x1_0000_0000n][info - 24]!;
  if (value < least) throw new Wrong(`${what} has a number that is longer than it has to be`);
  return value;
}
function sized(argument: bigint, reader: Reader, what: string): number {
  if (argument > BigInt(reader.left)) throw new Wrong(`${what} is said to have more entries than it has bytes`);
  return Number(argument);
}
