// Signing in by a code: for whoever has a certificate and no account at an OpenID provider.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as api from '../api';
import type { Session } from '../types';
import { Problem } from './basics';

export function SignIn({ done }: { done(session: Session): void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const enter = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('code') as HTMLInputElement;
    setBusy(true);
    setFault('');
    api.signIn(input.value).then((found) => {
      if (found) done(found);
      else setFault('The browser keeps no cookie of this page, so nobody is signed in.');
    }, (said: unknown) => {
      setFault(said instanceof Error ? said.message : String(said));
      input.select();
      input.focus();
    }).finally(() => setBusy(false));
  };
  return (
    <form class="deed" onSubmit={enter} aria-labelledby="sign-in">
      <h2 id="sign-in">Sign in</h2>
      <p>On a machine with your certificate run <code>chiploc page</code> and enter the code that it prints. It is good once.</p>
      <label class="row">
        <span>Code</span>
        <input name="code" required maxLength={40} size={16} autocomplete="one-time-code" autocapitalize="characters" spellcheck={false} placeholder="XXXX-XXXX-XXXX" />
        <button type="submit" disabled={busy}>Sign in</button>
      </label>
      {fault && <Problem text={fault} />}
    </form>
  );
}
