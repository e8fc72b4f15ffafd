// Times: UTC first, the reader's own beside it. All come as ISO 8601 in UTC.

const two = (n: number) => String(n).padStart(2, '0');

/** "2026-12-02 09:13:36Z"; "unknown" for what is no time. */
export function utc(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return 'unknown';
  const day = `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  return `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}Z`;
}

/** "10:13 GMT+1", with the day where it is another one there; "" where the reader's clock is UTC. */
export function local(iso: string, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    timeZoneName: 'short', ...(zone && { timeZone: zone }),
  };
  const parts: Record<string, string> = {};
  for (const part of new Intl.DateTimeFormat('en-GB', options).formatToParts(at)) parts[part.type] = part.value;
  const name = parts['timeZoneName'] ?? '';
  if (name === 'UTC' || name === 'GMT') return '';
  const day = `${parts['year']}-${parts['month']}-${parts['day']}`;
  const clock = `${parts['hour']}:${parts['minute']} ${name}`;
  return day === at.toISOString().slice(0, 10) ? clock : `${day} ${clock}`;
}

/** "3 min ago", "in 2 days"; "" for what is no time. */
export function fromNow(iso: string, now: number): string {
  const at = new Date(iso).getTime();
  if (Number.isNaN(at)) return '';
  const past = at <= now;
  let left = Math.abs(at - now) / 1000;
  if (left < 1) return 'now';
  const units: [number, string, string][] = [[60, 's', 's'], [60, 'min', 'min'], [24, 'hour', 'hours'], [365, 'day', 'days'], [Infinity, 'year', 'years']];
  for (const [size, one, many] of units) {
    if (left < size) {
      const n = Math.floor(left);
      const text = `${n} ${n === 1 ? one : many}`;
      return past ? `${text} ago` : `in ${text}`;
    }
    left /= size;
  }
  return '';
}

/** A verdict that has expired is never green. */
export function expired(expires: string, now: number): boolean {
  return !(new Date(expires).getTime() > now);
}
