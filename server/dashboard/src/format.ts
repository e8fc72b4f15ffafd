// Numbers and names as people read them.

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const count = (n: number) => whole.format(n);
/** "166.0 km", "18,844 km"; "-" for what is not known. */
export function km(value: number | null): string {
  if (value === null) return '-';
  return `${Math.abs(value) < 1000 ? tenth.format(value) : whole.format(value)} km`;
}
/** "1.107 ms" of nanoseconds. */
export const ms = (ns: number | null) => (ns === null ? '-' : `${(ns / 1e6).toFixed(3)} ms`);
/** "50.110 N 8.680 E": three digits, 100 m, are as much as any proof has. */
export function place(at: { lat_deg: number; lon_deg: number } | null): string {
  if (!at) return '-';
  const side = (value: number, plus: string, minus: string) => `${Math.abs(value).toFixed(3)} ${value < 0 ? minus : plus}`;
  return `${side(at.lat_deg, 'N', 'S')} ${side(at.lon_deg, 'E', 'W')}`;
}
/** The first eight digits of an id. */
export const short = (id: string) => id.slice(0, 8);
/** "1 chip", "3 chips". */
export const many = (n: number, one: string, more = `${one}s`) => `${count(n)} ${n === 1 ? one : more}`;
/** "no_answer" as words. */
export const words = (code: string) => code.replaceAll('_', ' ');
/** "12.3 %"; nothing that is possible is shown as 0. */
export const percent = (share: number) => (share > 0 && share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`);
