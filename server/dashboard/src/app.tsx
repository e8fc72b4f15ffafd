// The shell: which view, who asks, light or dark.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import * as api from './api';
import { Reason } from './parts/reason';
import { SignIn } from './parts/sign_in';
import { useRoute, link, type Route } from './router';
import { setTheme, theme, type Theme } from './theme';
import type { Session } from './types';
import { AnchorsView } from './views/anchors';
import { CaseView } from './views/case';
import { CasesView } from './views/cases';
import { ChangesView } from './views/changes';
import { CheckView } from './views/check';
import { ChipView } from './views/chip';
import { ChipsView } from './views/chips';
import { MapView } from './views/map';
import { OrderView } from './views/order';
import { OrdersView } from './views/orders';
import { PolicyView } from './views/policy';
import { RoundView } from './views/round';
import { VerdictView } from './views/verdict';

const kMenu: [string, string, string[]][] = [
  ['map', 'Map', []], ['changes', 'What changed', []], ['cases', 'Cases', ['case']], ['chips', 'Chips', ['chip', 'verdict', 'round']],
  ['orders', 'Orders', ['order']], ['anchors', 'Anchors', []], ['policy', 'Policy', []], ['check', 'Check evidence', []],
];

/** What these offer hangs on who asks: they wait for that. */
const kAsksWho = new Set(['case', 'round', 'policy']);

function view(route: Route, session: Session | null): JSX.Element {
  const { name } = route;
  switch (route.view) {
    case 'map': return <MapView />;
    case 'changes': return <ChangesView />;
    case 'cases': return <CasesView query={route.query} />;
    case 'case': return <CaseView name={name} session={session} />;
    case 'chips': return <ChipsView query={route.query} />;
    case 'chip': return <ChipView name={name} />;
    case 'verdict': return <VerdictView id={name} />;
    case 'round': return <RoundView chip={name} session={session} />;
    case 'orders': return <OrdersView />;
    case 'order': return <OrderView name={name} />;
    case 'anchors': return <AnchorsView />;
    case 'policy': return <PolicyView session={session} />;
    case 'check': return <CheckView />;
    default: return <><h1>No such page</h1><p><a href={link('map')}>To the map</a></p></>;
  }
}

/** The view somebody was in when they went to sign in: what is behind the '#' does not come back by itself. */
const kKept = 'chiploc-view';
function leave(): void {
  try {
    sessionStorage.setItem(kKept, location.hash);
  } catch {
    // a browser that keeps nothing: the map is shown then
  }
}
function comeBack(): void {
  try {
    const kept = sessionStorage.getItem(kKept);
    sessionStorage.removeItem(kKept);
    if (kept?.startsWith('#/') && location.hash === '') location.hash = kept;
  } catch {
    // as above
  }
}

export function App(): JSX.Element {
  const route = useRoute();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [entered, setEntered] = useState(0);  // how often somebody signed in here, or said why they look: what was kept back is asked anew
  const [chosen, setChosen] = useState<Theme>(theme());
  useEffect(() => {
    api.me().then((found) => {
      setSession(found);
      if (found) comeBack();
    }, () => setSession(null));
  }, []);
  useEffect(() => scrollTo(0, 0), [route.view, route.name]);
  const toContent = (event: Event) => {
    event.preventDefault();
    document.querySelector<HTMLElement>('main h1')?.focus();
  };
  return (
    <>
      <a class="skip" href="#content" onClick={toContent}>To the content</a>
      <header class="top">
        <a class="name" href={link('map')}>chiploc</a>
        <nav class="main" aria-label="Views">
          <ul>
            {kMenu.map(([path, title, inside]) => (
              <li key={path}>
                <a href={link(path)} aria-current={route.view === path || inside.includes(route.view) ? 'page' : undefined}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
        <label class="row">
          <span>Colours</span>
          <select value={chosen} onChange={(event) => {
            const next = event.currentTarget.value as Theme;
            setTheme(next);
            setChosen(next);
          }}>
            <option value="system">as the system</option><option value="light">light</option><option value="dark">dark</option>
          </select>
        </label>
        {session === null && api.hasIssuer() && <a href={api.loginAddress()} onClick={leave}>Sign in</a>}
        {session && session.name && (
          <span>{session.name} <span class="faint">{session.role}</span> <button type="button" class="link" onClick={() => {
            api.logout().then((next) => location.assign(next ?? location.pathname), () => location.reload());
          }}>Sign out</button></span>
        )}
      </header>
      <main id="content">
        {session === null && api.mayEnterCode() && <SignIn done={(found) => {
          setSession(found);
          setEntered(entered + 1);
        }} />}
        {api.mayGiveReason(session ?? null) && <Reason given={() => setEntered(entered + 1)} />}
        {(session !== undefined || !kAsksWho.has(route.view)) && <div key={entered}>{view(route, session ?? null)}</div>}
      </main>
      <footer>
        A round trip proves that the chip's key was near an anchor, never that it was far. Where its silicon is if the key left
        it, and who uses it over a network, no round trip shows. What is dashed is suggested, not proved.
      </footer>
    </>
  );
}
