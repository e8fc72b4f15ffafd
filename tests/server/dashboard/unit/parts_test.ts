import { describe, expect, it } from 'vitest';
import { km, ms, percent, place } from '../../../../server/dashboard/src/format';
import { lineDiff } from '../../../../server/dashboard/src/line_diff';
import { added, changedRounds, kNoRounds } from '../../../../server/dashboard/src/replay_sum';
import { link, routeOf } from '../../../../server/dashboard/src/router';
import { EventReader } from '../../../../server/dashboard/src/sse';
import { kStatusLooks, kVerdictLooks } from '../../../../server/dashboard/src/states';
import { expired, fromNow, local, utc } from '../../../../server/dashboard/src/time';

describe('times', () => {
  it('UTC first, whatever the reader has', () => {
    expect(utc('2026-12-02T09:13:36.123Z')).toBe('2026-12-02 09:13:36Z');
    expect(utc('nonsense')).toBe('unknown');
  });
  it("the reader's own beside it, with its day where that is another", () => {
    expect(local('2026-12-02T09:13:36.123Z', 'Europe/Berlin')).toBe('10:13 CET');
    expect(local('2026-12-02T23:30:00.000Z', 'Asia/Tokyo')).toBe('2026-12-03 08:30 GMT+9');
    expect(local('2026-12-02T03:30:00.000Z', 'America/New_York')).toBe('2026-12-01 22:30 GMT-5');
    expect(local('2026-07-02T09:13:36.123Z', 'UTC')).toBe('');
    expect(local('nonsense', 'Europe/Berlin')).toBe('');
  });
  it('how long ago, and how long until', () => {
    const now = Date.UTC(2026, 11, 2, 12);
    expect(fromNow('2026-12-02T11:57:00Z', now)).toBe('3 min ago');
    expect(fromNow('2026-12-04T12:00:01Z', now)).toBe('in 2 days');
    expect(fromNow('2026-12-02T13:00:00Z', now)).toBe('in 1 hour');
    expect(fromNow('2024-12-02T12:00:00Z', now)).toBe('2 years ago');
    expect(fromNow('', now)).toBe('');
  });
  it('what has expired is not good, and neither is what has no end', () => {
    const now = Date.UTC(2026, 11, 2, 12);
    expect(expired('2026-12-02T12:00:00Z', now)).toBe(true);
    expect(expired('2026-12-02T12:00:01Z', now)).toBe(false);
    expect(expired('', now)).toBe(true);
  });
});

describe('numbers', () => {
  it('have units', () => {
    expect([km(166.027), km(18843.67), km(null), ms(1107062), ms(null)]).toEqual(['166.0 km', '18,844 km', '-', '1.107 ms', '-']);
    expect(place({ lat_deg: -33.87, lon_deg: 151.2099 })).toBe('33.870 S 151.210 E');
    expect([percent(0.25), percent(0.0004), percent(0)]).toEqual(['25.0 %', '< 0.1 %', '0.0 %']);
  });
});

describe('routes', () => {
  it('there and back', () => {
    for (const name of ['O-1', 'a/b', 'a%', 'ä ?#']) expect(routeOf(link('order', name)).name).toBe(name);
    expect(routeOf('').view).toBe('map');
    expect(routeOf('#/chip/%').name).toBe('%');
    expect(routeOf(link('cases', '', { state: 'open,disputed', kind: '' })).query.get('state')).toBe('open,disputed');
  });
});

describe('states', () => {
  it('no two of a tone have one shape', () => {
    for (const looks of [Object.values(kVerdictLooks), Object.entries(kStatusLooks).filter(([name]) => name !== 'absent').map(([, look]) => look)]) {
      expect(new Set(looks.map((look) => `${look.tone} ${look.shape}`)).size).toBe(looks.length);
    }
    expect(kVerdictLooks.UNRESOLVED.tone).not.toBe('good');
  });
});

describe('server-sent events', () => {
  const stream = ': hello\nevent: started\ndata: {"a":\ndata: 1}\n\nid: 7\ndata: x\r\n\r\n\ndata\n\nevent: lost\n\n';
  const events = [{ event: 'started', data: '{"a":\n1}' }, { event: 'message', data: 'x' }, { event: 'message', data: '' }];
  it('are the same wherever the bytes are cut', () => {
    for (let size = 1; size < 40; ++size) {
      const reader = new EventReader();
      const seen = [];
      for (let at = 0; at < stream.length; at += size) seen.push(...reader.push(stream.slice(at, at + size)));
      expect(seen, `cut by ${size}`).toEqual(events);
    }
  });
  it('one that does not end is refused', () => {
    const reader = new EventReader();
    expect(() => {
      for (let n = 0; n < 6; ++n) reader.push('x'.repeat(2 ** 20));
    }).toThrow('4 MiB');
  });
});

describe('differences of policies', () => {
  it('line by line', () => {
    const diff = lineDiff('[policy]\nfaults = 1\nspeed = "vacuum"', '[policy]\nfaults = 0\nspeed = "vacuum"\npings = 8');
    expect(diff.map((line) => `${line.kind[0]} ${line.text}`)).toEqual(['s [policy]', 'g faults = 1', 'n faults = 0', 's speed = "vacuum"', 'n pings = 8']);
  });
  it('each text comes out of them again', () => {
    const before = 'a\nb\nc\nd\nb', after = 'b\nc\nx\nd\nd\nb\n';
    const diff = lineDiff(before, after);
    const side = (gone: 'gone' | 'new') => diff.filter((line) => line.kind !== gone).map((line) => line.text).join('\n');
    expect(side('new')).toBe(before);
    expect(side('gone')).toBe(after);
  });
});

describe('a replay in pages', () => {
  it('adds up', () => {
    const page = { moved: [{ was: 'VERIFIED', would_be: 'VERIFIED', rounds: 2 }, { was: 'VERIFIED', would_be: 'UNRESOLVED', rounds: 1 }], unjudged: [{ why: 'old', rounds: 1 }], changes: [], next_page_token: 'x' } as const;
    const sum = added(added(kNoRounds, structuredClone(page) as never), structuredClone(page) as never);
    expect(sum.rounds).toBe(8);
    expect(sum.moved.map((one) => one.rounds)).toEqual([4, 2]);
    expect(sum.unjudged).toEqual([{ why: 'old', rounds: 2 }]);
    expect(changedRounds(sum)).toBe(2);
  });
});
