// Why somebody looks at what is sealed: a regulator or an analyst says so once, and it goes with every call.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import * as api from '../api';

export function Reason({ given }: { given(): void }): JSX.Element {
  const [said, setSaid] = useState('');
  return (
    <form class="row" onSubmit={(event) => {
      event.preventDefault();
      const why = String(new FormData(event.currentTarget as HTMLFormElement).get('why') ?? '').trim();
      api.lookFor(why);
      setSaid(why);
      given();
    }}>
      <label class="row"><span>Why you look at places (on record)</span><input name="why" maxLength={200} autocomplete="off" placeholder="case C-17" /></label>
      <button type="submit">Show them</button>
      <span role="status">{said && `Places are shown: ${said}`}</span>
    </form>
  );
}
