// Every rule by itself: a round in which all signatures are right, and one thing is not.
import { describe, expect, it } from 'vitest';
import { fault, made, said, type Changes, type Curve } from './made_round';

const other = (size: number) => new Uint8Array(size).fill(9);

describe.each<Curve>(['ed25519', 'prime256v1', 'secp384r1'])('a round that was made here, device key on %s', (curve) => {
  it('holds', async () => expect(await fault(made({}, curve))).toBe('holds'));
  it('not with a statement by another key of its kind', async () => {
    const [one, two] = [made({}, curve), made({}, curve)];
    one.statements = two.statements;
    expect(await fault(one)).toContain("statement: statement.cose is not signed by the chip's key");
  });
  it('not with an opening of another key', async () => {
    const [one, two] = [made({}, curve), made({}, curve)];
    one.deviceCertificate = two.deviceCertificate;
    expect(await fault(one)).toMatch(/^openings: the session of transcript of a0 was not opened/);
  });
});

const kCases: [string, Changes, string][] = [
  ['a ticket of another coordinator', { ticket: (i, t) => void (i === 1 && t.set(other(16), 4)) }, 'tickets: ticket-01.bin names another coordinator'],
  ['a ticket of another round', { ticket: (i, t) => void (i === 1 && t.set(other(16), 20)) }, 'tickets: ticket-01.bin is of another round or chip'],
  ['a ticket of another chip', { ticket: (i, t) => void (i === 1 && t.set(other(16), 36)) }, 'tickets: ticket-01.bin is of another round or chip'],
  ['a ticket with the index of another', { ticket: (i, t) => void (i === 1 && t.set([2], 68)) }, 'tickets: ticket-01.bin is the ticket of index 2'],
  ['a ticket of a later version', { ticket: (i, t) => void (i === 0 && t.set([2], 0)) }, 'tickets: ticket-00.bin is of a version'],
  ['a ticket whose reserved bytes are used', { ticket: (i, t) => void (i === 0 && t.set([1], 3)) }, 'tickets: ticket-00.bin is of a version'],
  ['a close order of another round', { close: (c) => c.set(other(16), 20) }, 'close: close-order.bin is of another round'],
  ['a close order of another chip', { close: (c) => c.set(other(16), 36) }, 'close: close-order.bin is of another round or chip'],
  ['a close order that names another coordinator', { close: (c) => c.set(other(16), 4) }, 'close: close-order.bin names another coordinator'],
  ['a report about another ticket', { report: (i, r) => void (i === 1 && (r.ticket = other(220))) }, 'reports: report of a1 is about another ticket'],
  ['a report of another anchor', { report: (i, r) => void (i === 1 && (r.anchor = other(16))) }, 'reports: report of a1 names another anchor'],
  ['a ticket for another anchor', { ticket: (i, t) => void (i === 1 && t.set(other(16), 52)) }, 'reports: report of a1 names another anchor'],
  ['a report of another round', { report: (i, r) => void (i === 1 && (r.round = other(16))) }, 'reports: report of a1 is of another round'],
  ['a transcript under another ticket', { session: (i, s) => void (i === 1 && (s.ticketDigest = other(32))) }, 'transcripts: transcript of a1 was exchanged under another ticket'],
  ['a session of another id than its transcript', { session: (i, s) => void (i === 1 && (s.sessionId = other(8))) }, 'transcripts: transcript of a1 is of another session'],
  ['a session of another key than its transcript', { session: (i, s) => void (i === 1 && (s.agentPublic = other(32))) }, 'transcripts: transcript of a1 is of another session'],
  ['a map of more answers than there are', { session: (i, s) => void (i === 1 && (s.received = 0b1111n)) }, 'transcripts: transcript of a1 ends too early'],
  ['more answers than the map says', { session: (i, s) => void (i === 1 && (s.received = 0b11n)) }, 'transcripts: transcript of a1 has 36 bytes too many'],
  ['a round trip of a ping that was not answered', { session: (i, s) => void (i === 1 && (s.samples[2]!.sequence = 5)) }, 'transcripts: transcript of a1: the round trip of ping 5 has no answer'],
  ['two round trips of one ping', { session: (i, s) => void (i === 1 && (s.samples[2]!.sequence = 1)) }, 'transcripts: transcript of a1: two round trips of ping 1'],
  ['a round trip of no time', { session: (i, s) => void (i === 1 && (s.samples[2]!.rttNs = 0)) }, 'transcripts: transcript of a1: 0 ns is no round trip'],
  ['a negative round trip', { session: (i, s) => void (i === 1 && (s.samples[2]!.rttNs = -1000)) }, 'transcripts: transcript of a1: -1000 ns is no round trip'],
  ['a round trip of more than 20 s', { session: (i, s) => void (i === 1 && (s.samples[2]!.rttNs = 20_000_000_001)) }, 'transcripts: transcript of a1: 20000000001 ns is no round trip'],
  ['an opening of something else', { session: (i, s) => void (i === 1 && (s.openingSigned = other(80))) }, 'openings: the session of transcript of a1 was not opened'],
  ['an opening that is another than in the report', { whole: (r) => void (r.transcripts[1]!.opening = other(64)) }, 'openings: the opening of transcript of a1 is not the one in its report'],
  ['a statement for another close order', { claims: (c) => void c.set(10, other(16)) }, 'statement: statement.cose does not answer this order'],
  ['a statement of another round', { claims: (c) => void c.set(-70001, other(16)) }, 'statement: statement.cose is of another round'],
  ['a statement of another chip', { claims: (c) => void c.set(256, other(17)) }, 'statement: statement.cose is of another chip'],
  ['a statement for another coordinator', { claims: (c) => void c.set(-70004, other(16)) }, 'statement: statement.cose is for another coordinator'],
  ['a statement of another profile', { claims: (c) => void c.set(265, 'tag:other') }, 'statement: statement.cose is of a profile'],
  ['a statement without a counter', { claims: (c) => void c.delete(-70002) }, 'statement: statement.cose has no round counter'],
  ['a statement by another algorithm than its key has', { header: (h) => void h.set(1, -7) }, 'statement: statement.cose is signed by another algorithm'],
  ['no statement', { whole: (r) => void (r.statements = []) }, 'statement: there is no statement'],
  ['a statement and no close order', { whole: (r) => void (r.closeOrder = null) }, 'statement: there is a statement, and no order to close'],
  ['a statement on an anchor that the order leaves out', { close: (c) => c.set([0, 0, 0, 0, 0, 0, 0, 0b011], 68) }, 'covered: statement.cose covers an anchor that the order to close does not name'],
  ['a statement on nothing that is here', { claims: (c) => void c.set(-70003, new Map([[0, other(32)]])) }, 'covered: statement.cose covers no transcript'],
  ['a disk by a round trip that stands alone', { verdict: (v) => Object.assign(v.anchors[0]!, { rtt_min_ns: 1_000_000, bound_km: 149.97 }) }, 'figures: the verdict counts a round trip of 1000000 ns at a0'],
  ['a disk that is smaller than the round trip', { verdict: (v) => void (v.anchors[0]!.bound_km -= 1) }, 'figures: the verdict says'],
  ['a disk by a slower light than is said', { verdict: (v) => void (v.speed_km_s = 200_000) }, 'figures: the verdict says'],
  ['a disk at an anchor whose session the chip did not sign', { claims: (c) => void (c.get(-70003) as Map<number, unknown>).delete(2) }, 'figures: the verdict counts a round trip of 1100000 ns at a2'],
];

describe('a round in which one thing is wrong', () => {
  it.each(kCases)('%s', async (_, changes, says) => {
    expect((await fault(made(changes))).slice(0, says.length)).toBe(says);
  });
});

describe('a round in which nothing is wrong, and something is to be said', () => {
  const told = async (changes: Changes) => (await said(made(changes))).flatMap((one) => [`${one.outcome}`, ...one.said]);
  it('another certificate over the same key: a renewal', async () => {
    const all = await told({ header: (h) => void h.set(34, [-16, other(32)]) });
    expect(all).not.toContain('wrong');
    expect(all.join('\n')).toContain('names another certificate over the same key');
  });
  it('a session that the chip did not sign is named, and nothing rests on it', async () => {
    const all = await told({
      claims: (c) => void (c.get(-70003) as Map<number, unknown>).delete(2),
      verdict: (v) => void (v.anchors[2]!.used = false),
    });
    expect(all).not.toContain('wrong');
    expect(all).toContain('not signed by the chip: transcript of a2');
  });
  it('a transcript that differs from what the chip signed is named', async () => {
    const all = await told({
      claims: (c) => void (c.get(-70003) as Map<number, unknown>).set(2, other(32)),
      verdict: (v) => void (v.anchors[2]!.used = false),
    });
    expect(all.join('\n')).toContain('signs another transcript with the anchor of index 2');
  });
  it('sessions of protocol 1 have no opening', async () => {
    expect((await told({ session: (_, s) => void (s.openingSigned = null) })).join('\n')).toContain('protocol 1');
  });
});
