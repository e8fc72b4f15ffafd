import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cbor } from '../../../../server/dashboard/src/verify/cbor';
import { keyOf } from '../../../../server/dashboard/src/verify/keys';
import { readEvidence } from '../../../../server/dashboard/src/verify/formats';
import { evidence, failing, flipped, outcomes } from './evidence';
import { jsonOfFolder } from './json_evidence';

const files = evidence('verified');
const named = (pattern: RegExp) => [...files.keys()].filter((name) => pattern.test(name)).sort();
const without = (name: string) => new Map([...files].filter(([key]) => key !== name));
const some = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i);

describe('verifier: a stored round as it is', () => {
  it('holds in every step, and says what each anchor proves', async () => {
    const all = await outcomes(files);
    expect(all.map((one) => one.outcome)).toEqual(all.map(() => 'good'));
    expect(all.at(-1)!.said).toHaveLength(6);
  });
  it('says that two holders of the key answered', async () => {
    const all = await outcomes(evidence('two-holders'));
    expect(all.map((one) => one.outcome)).toEqual(all.map(() => 'good'));
    expect(all.find((one) => one.step === 'covered')!.said.join('\n')).toContain('two holders of the key');
  });
  it('refuses one without a statement', async () => {
    expect(await failing(evidence('silent'))).toBe('statement');
  });
});

describe('verifier: one turned bit', () => {
  const cases: [string, number, string][] = [
    ['ticket-00.bin', 40, 'tickets'], ['ticket-00.bin', -1, 'tickets'], ['ticket-00.bin', 0, 'tickets'],
    ['close-order.bin', 30, 'close'], ['close-order.bin', -1, 'close'],
    [named(/^report-00.*body/)[0]!, 50, 'reports'], [named(/^report-02.*body/)[0]!, -3, 'reports'],
    [named(/^report-01.*sig/)[0]!, 5, 'reports'],
    [named(/^transcript-03/)[0]!, 100, 'transcripts'],
    [named(/^opening-04/)[0]!, 1, 'openings'],
    ['statement.cose', -1, 'statement'], ['statement.cose', 130, 'statement'],
  ];
  it.each(cases)('in %s at %i fails the step "%s"', async (name, at, step) => {
    expect(await failing(flipped(files, name, at))).toBe(step);
  });
  it('in any byte of what is signed fails some step', async () => {
    for (const name of named(/^(ticket-00\.bin|close-order\.bin|statement\.cose)$/)) {
      for (let at = 0; at < files.get(name)!.length; at += 23) {
        expect(await failing(flipped(files, name, at)), `${name} ${at}`).not.toBe('');
      }
    }
  });
  it('leaves what follows the failing step alone', async () => {
    const all = await outcomes(flipped(files, 'close-order.bin', 30));
    expect(all.slice(3).map((one) => one.outcome)).toEqual(all.slice(3).map(() => 'not looked at'));
  });
});

describe('verifier: evidence that does not belong together', () => {
  it('a key of somebody else fails', async () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    const key = new TextEncoder().encode(String(other));
    expect(await failing(new Map([...files, ['coordinator.pub.pem', key]]))).toBe('tickets');
    expect(await failing(new Map([...files, [named(/^anchor-/)[0]!, key]]))).toBe('reports');
  });
  it('a statement of another round fails', async () => {
    const other = evidence('two-holders');
    const mixed = new Map([...files, ['statement.cose', other.get('statement.cose')!]]);
    expect(await failing(mixed)).toBe('statement');
  });
  it('a ticket of another round fails', async () => {
    const mixed = new Map([...files, ['ticket-05.bin', evidence('silent').get('ticket-05.bin')!]]);
    expect(await failing(mixed)).toBe('tickets');
  });
  it('a report that is not there leaves its transcript without one', async () => {
    const body = named(/^report-02.*body/)[0]!;
    expect(await failing(without(body))).toBe('transcripts');
    expect(await failing(without(named(/^transcript-02/)[0]!))).toBe('transcripts');
  });
  it('a verdict with a nearer disk than was signed fails', async () => {
    const verdict = JSON.parse(new TextDecoder().decode(files.get('verdict.json')!));
    const told = (change: (anchor: Record<string, unknown>) => void) => {
      const copy = structuredClone(verdict);
      change(copy.anchors[0]);
      return new Map([...files, ['verdict.json', new TextEncoder().encode(JSON.stringify(copy))]]);
    };
    expect(await failing(told((anchor) => (anchor['bound_km'] = 1)))).toBe('figures');
    expect(await failing(told((anchor) => (anchor['rtt_min_ns'] = 1000)))).toBe('figures');
    // The least of all samples proves nothing alone.
    expect(await failing(told((anchor) => (anchor['rtt_min_ns'] = anchor['rtt_least_ns'])))).toBe('figures');
  });
  it('files of something else are refused with what is read', () => {
    expect(() => readEvidence(new Map([['a.txt', some(3)]]))).toThrow(/evidence folder/);
    expect(() => readEvidence(without('coordinator.pub.pem'))).toThrow('coordinator.pub.pem');
    expect(() => readEvidence(new Map([...files, ['big.bin', new Uint8Array(2 ** 20 + 1)]]))).toThrow('big.bin');
  });
});

describe("verifier: the API's JSON of a verdict with its evidence", () => {
  const file = (value: unknown) => new Map([['verdict.json', new TextEncoder().encode(JSON.stringify(value))]]);
  it.each(['verified', 'two-holders'])('%s says the same as the folder', async (name) => {
    const [folder, sent] = [await outcomes(evidence(name)), await outcomes(file(jsonOfFolder(evidence(name))))];
    expect(sent.map((one) => [one.step, one.outcome])).toEqual(folder.map((one) => [one.step, one.outcome]));
    expect(sent.at(-1)!.said).toEqual(folder.at(-1)!.said);
  });
  it('a turned digit fails the step that has to find it', async () => {
    const whole = () => structuredClone(jsonOfFolder(files)) as { evidence: Record<string, unknown> & { tickets: string[]; reports: { body: string }[]; statements: string[] } };
    const turned = (text: string, at: number) => `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
    const damaged = (change: (evidence: ReturnType<typeof whole>['evidence']) => void) => {
      const copy = whole();
      change(copy.evidence);
      return failing(file(copy));
    };
    expect(await damaged((e) => (e.tickets[1] = turned(e.tickets[1]!, 300)))).toBe('tickets');
    expect(await damaged((e) => (e.reports[2]!.body = turned(e.reports[2]!.body, 900)))).toBe('reports');
    expect(await damaged((e) => (e.statements[0] = turned(e.statements[0]!, e.statements[0]!.length - 2)))).toBe('statement');
    expect(await damaged((e) => (e['unjudged_statements'] = [0]))).toBe('statement');
  });
  it('what is no evidence is refused in words', () => {
    expect(() => readEvidence(file({ anchors: [] }))).toThrow('with_evidence=true');
    expect(() => readEvidence(file([1]))).toThrow('no object');
    expect(() => readEvidence(new Map([['a.json', some(3)]]))).toThrow('a.json is no JSON');
    expect(() => readEvidence(file({ anchors: [], evidence: { ...(jsonOfFolder(files)['evidence'] as object), tickets: ['xy'] } }))).toThrow('ticket 0 is not hexadecimal');
    expect(() => readEvidence(file({ anchors: [], evidence: { ...(jsonOfFolder(files)['evidence'] as object), coordinator_public: '00' } }))).toThrow('32');
  });
});

describe('cbor: what is not deterministic is refused', () => {
  const read = (...bytes: number[]) => () => cbor(Uint8Array.from(bytes), 'it');
  it.each([
    ['a number longer than it has to be', [0x18, 0x17]], ['the same in 8 bytes', [0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]],
    ['an indefinite length', [0x5f, 0x41, 0, 0xff]], ['keys out of order', [0xa2, 2, 0, 1, 0]], ['a key twice', [0xa2, 1, 0, 1, 0]],
    ['a negative key before others', [0xa2, 0x20, 0, 1, 0]], ['bytes behind it', [1, 1]], ['a float', [0xf9, 0, 0]],
    ['an end within', [0x42, 1]], ['more entries than bytes', [0x9a, 0xff, 0xff, 0xff, 0xff]], ['a tower', [...Array<number>(9).fill(0x81), 1]],
  ])('%s', (_, bytes) => expect(read(...(bytes as number[]))).toThrow(/^it /));
  it('takes what is', () => {
    expect(cbor(Uint8Array.of(0xa2, 1, 0x18, 24, 0x20, 0x41, 7), 'it')).toEqual(new Map<bigint, unknown>([[1n, 24n], [-1n, Uint8Array.of(7)]]));
  });
});

// The lab's chips have Ed25519 keys; makers may choose one of two curves instead.
describe.each([
  ['prime256v1', 'sha256', -7n, 64],
  ['secp384r1', 'sha384', -35n, 96],
])('keys: a device key on %s', (namedCurve, hash, cose, size) => {
  it('takes what it signed, and nothing else', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve });
    const key = await keyOf(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })), 'it');
    const signature = new Uint8Array(sign(hash, some(100), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }));
    expect(key.cose).toBe(cose);
    expect(signature.length).toBe(size);
    expect(await key.verify(signature, some(100))).toBe(true);
    expect(await key.verify(signature, some(99))).toBe(false);
    expect(await key.verify(signature.subarray(1), some(100))).toBe(false);
    signature[size - 1]! ^= 1;
    expect(await key.verify(signature, some(100))).toBe(false);
  });
});

describe('keys: what is none is refused', () => {
  const rsa = () => new Uint8Array(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' }));
  it('an algorithm that chiploc does not use', async () => {
    await expect(keyOf(rsa(), 'it')).rejects.toThrow('algorithm');
  });
  it('bytes that are no DER, and DER that ends early', async () => {
    await expect(keyOf(some(40), 'it')).rejects.toThrow('it ');
    await expect(keyOf(rsa().subarray(0, 30), 'it')).rejects.toThrow('ends too early');
  });
});
