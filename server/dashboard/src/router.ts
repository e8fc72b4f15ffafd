// Which view is shown, from the address behind the '#': no request to the coordinator, and nothing to set up there.

import { useEffect, useState } from 'preact/hooks';

export interface Route {
  view: string;
  name: string;  // of the chip, case, order, ...; "" for a list
  query: URLSearchParams;
}
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [view = '', name = ''] = path.split('/');
  let decoded = '';
  try {
    decoded = decodeURIComponent(name);
  } catch {
    decoded = name;  // a '%' that somebody typed
  }
  return { view: view || 'map', name: decoded, query: new URLSearchParams(query) };
}
export function link(view: string, name = '', query: Record<string, string> = {}): string {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${view}${name ? `/${encodeURIComponent(name)}` : ''}${text ? `?${text}` : ''}`;
}
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const changed = () => setRoute(routeOf(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}
