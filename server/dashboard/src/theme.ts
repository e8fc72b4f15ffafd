// Light or dark: as the system says, until a person switches.

export type Theme = 'light' | 'dark' | 'system';
const kKey = 'chiploc-theme';
const kDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export function theme(): Theme {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(kKey);
  } catch {
    // a browser that keeps nothing
  }
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
function apply(): void {
  const chosen = theme();
  const dark = chosen === 'dark' || (chosen === 'system' && kDark.matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  for (const tell of listeners) tell();
}
export function setTheme(chosen: Theme): void {
  try {
    localStorage.setItem(kKey, chosen);
  } catch {
    // as above
  }
  apply();
}
/** For what draws by itself: colours are others now. */
export function onTheme(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}
export function startTheme(): void {
  kDark.addEventListener('change', apply);
  matchMedia('print').addEventListener('change', apply);
  apply();
}
