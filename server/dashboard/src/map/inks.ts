// The canvas's colours: those of the style sheet, so that light, dark and print are said in one place.

const kNames = [
  'space', 'sea', 'land', 'border', 'degrees', 'text', 'paper', 'region', 'region-edge', 'focus',
  'good', 'open', 'bad', 'none', 'on-good', 'on-open', 'on-bad', 'on-none',
] as const;
export type InkName = (typeof kNames)[number];
export type Inks = Record<InkName, string>;

export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element);
  return Object.fromEntries(kNames.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || '#888'])) as Inks;
}
