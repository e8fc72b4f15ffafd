// Bytes, as PROTOCOL.md writes them: big-endian, fixed sizes.

/** Evidence that does not hold. The text says what, where and why. */
export class Wrong extends Error {}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
export const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
export function joined(...parts: (Uint8Array | string)[]): Uint8Array {
  const all = parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part));
  const out = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
export const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/** Reads from the front; what is not there is Wrong, in the name of what is read. */
export class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array, private readonly what: string) {}
  get left(): number {
    return this.bytes.length - this.at;
  }
  take(size: number): Uint8Array {
    if (!(size <= this.left)) throw new Wrong(`${this.what} ends too early: ${size} more bytes are said to follow byte ${this.at}, and ${this.left} do`);
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
  u8(): number {
    return this.take(1)[0]!;
  }
  number(size: number): bigint {
    return this.take(size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }
  end(): void {
    if (this.left > 0) throw new Wrong(`${this.what} has ${this.left} bytes too many`);
  }
}
