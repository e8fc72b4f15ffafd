// Why a verdict is what it is, in a picture: disks, the region they leave, licensed and prohibited land, the anchors it hinges on.
// What is suggested is dashed and hatched, and says so.

import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import * as api from '../api';
import { km, many, ms } from '../format';
import { fineLand, type Land } from '../geo/land';
import { kHeight, kWidth, sceneOf, type Scene, type Zoom } from '../map/verdict_scene';
import type { Territory, Verdict } from '../types';
import { Problem, Table } from './basics';

/** Areas among the territories that the verdict names; those of countries alone need nothing. */
function useTerritories(verdict: Verdict): Territory[] {
  const [found, setFound] = useState<Territory[]>([]);
  const names = [...new Set([...verdict.licensed, ...verdict.prohibited])].filter((name) => name.length > 2).join('\n');
  useEffect(() => {
    const stop = new AbortController();
    setFound([]);
    if (names) {
      Promise.all(names.split('\n').map((name) => api.territory(name, stop.signal).catch(() => null)))
        .then((all) => !stop.signal.aborted && setFound(all.filter((one) => one !== null)), () => undefined);
    }
    return () => stop.abort();
  }, [names]);
  return found;
}

const inside = ({ x, y }: { x: number; y: number }) => x >= 0 && y >= 0 && x <= kWidth && y <= kHeight;

function Drawn({ scene, id, name }: { scene: Scene; id: string; name: string }): JSX.Element {
  const shown = scene.anchors.filter(inside);
  return (
    <svg class="picture" viewBox={`0 0 ${kWidth} ${kHeight}`} role="img" aria-label={name}>
      <defs>
        <pattern id={`${id}p`} width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="p-hatch" x1="0" y1="0" x2="0" y2="9" /></pattern>
        <pattern id={`${id}s`} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><line class="p-suggested-hatch" x1="0" y1="0" x2="0" y2="8" /></pattern>
        <clipPath id={`${id}c`}><rect width={kWidth} height={kHeight} /></clipPath>
      </defs>
      <g clip-path={`url(#${id}c)`}>
        <path class="p-sea" d={scene.sea} />
        <path class="p-land" d={scene.land} />
        <path class="p-licensed" d={scene.licensed} />
        <path class="p-prohibited" d={scene.prohibited} />
        <path d={scene.prohibited} fill={`url(#${id}p)`} />
        {scene.areas.map((area) => (area.prohibited
          ? <g key={area.name}><path class="p-prohibited" d={area.path} /><path d={area.path} fill={`url(#${id}p)`} /></g>
          : <path class="p-area" d={area.path} key={area.name} />))}
        <path class="p-degrees" d={scene.degrees} />
        {scene.disks.map((disk, i) => <path class={`p-disk ${disk.hinge ? 'hinge' : ''} ${disk.used ? '' : 'unused'}`} d={disk.path} key={i}><title>{disk.anchor}: within {km(disk.km)}</title></path>)}
        {scene.regions.map((region, i) => <path class="p-region" d={region.path} key={i}><title>{region.holder ? `where holder ${region.holder} was proved to be` : 'where the chip was proved to be'}</title></path>)}
        {scene.suggested && (
          <g>
            <path class="p-suggested" d={scene.suggested.path} />
            <path d={scene.suggested.path} fill={`url(#${id}s)`} opacity="0.45" />
            <circle class="p-suggested" cx={scene.suggested.x} cy={scene.suggested.y} r="5" />
            <text class="suggests" {...scene.suggested.label}>{scene.suggested.text}</text>
          </g>
        )}
        {shown.map((anchor, i) => (
          <g key={i}>
            {anchor.hinge && <circle class="p-hinge" cx={anchor.x} cy={anchor.y} r="11" />}
            <rect class={`p-anchor ${anchor.used ? '' : 'unused'}`} x={anchor.x - 5} y={anchor.y - 5} width="10" height="10" />
            <text {...anchor.label}>{anchor.name}{anchor.hinge ? ', hinges on it' : ''}</text>
          </g>
        ))}
      </g>
    </svg>
  );
}

function Legend({ id }: { id: string }): JSX.Element {
  const sample = (inner: JSX.Element) => <svg viewBox="0 0 32 22" aria-hidden="true">{inner}</svg>;
  const box = { x: 1, y: 1, width: 30, height: 20 };
  return (
    <ul class="legend" aria-label="What is drawn">
      <li>{sample(<rect class="p-region" {...box} />)}proved: the chip's key was in here</li>
      <li>{sample(<circle class="p-disk" cx="16" cy="11" r="10" />)}what one round trip allows; dotted: not counted</li>
      <li>{sample(<><rect class="p-suggested" {...box} /><rect {...box} fill={`url(#${id}s)`} /></>)}delays suggest it, nothing proves it</li>
      <li>{sample(<rect class="p-licensed" {...box} />)}licensed land</li>
      <li>{sample(<><rect class="p-prohibited" {...box} /><rect {...box} fill={`url(#${id}p)`} /></>)}prohibited land</li>
      <li>{sample(<rect class="p-anchor" x="11" y="6" width="10" height="10" />)}anchor</li>
      <li>{sample(<circle class="p-hinge" cx="16" cy="11" r="8" />)}the verdict hinges on this anchor</li>
    </ul>
  );
}

export function VerdictPicture({ verdict }: { verdict: Verdict }): JSX.Element {
  const id = useId();
  const territories = useTerritories(verdict);
  const [land, setLand] = useState<Land | null>(null);
  const [fault, setFault] = useState('');
  const [zoom, setZoom] = useState<Zoom>(verdict.region || verdict.holders.length > 0 ? 'near' : 'world');
  useEffect(() => {
    fineLand().then(setLand, (wrong: unknown) => setFault(String(wrong)));
  }, []);
  const scene = useMemo(() => (land ? sceneOf(verdict, land, territories, zoom) : null), [verdict, land, territories, zoom]);
  if (fault) return <Problem text={fault} />;
  if (!land) return <p class="faint" role="status">Drawing ...</p>;
  if (!scene) return <p class="notice">There is nothing to draw: no place was proved, or your role does not see places.</p>;
  const name = verdict.region
    ? `Map: ${verdict.state}. The proved region reaches ${km(verdict.region.radius_km)} around its middle and meets ${verdict.countries.join(', ') || 'no country'}. The table below has the round trips.`
    : `Map: ${verdict.state}. No region was proved. The table below has the round trips.`;
  return (
    <figure class="map-figure">
      <div class="filters"><label>Shown<select value={zoom} onChange={(event) => setZoom(event.currentTarget.value as Zoom)}>
        <option value="near">the region</option><option value="wide">its surroundings</option><option value="world">the globe</option>
      </select></label></div>
      <Drawn scene={scene} id={id} name={name} />
      <Legend id={id} />
      {scene.everywhere.length > 0 && <p class="faint">{many(scene.everywhere.length, 'round trip excludes', 'round trips exclude')} no place on Earth: {scene.everywhere.join(', ')}.</p>}
    </figure>
  );
}

/** The picture's numbers. */
export function AnchorTable({ verdict }: { verdict: Verdict }): JSX.Element {
  const most = Math.max(1, ...verdict.anchors.map((anchor) => Math.log10(1 + (anchor.bound_km ?? 0))));
  return (
    <Table caption="What each anchor measured, and how far the chip's key can have been from it. Bars grow with the logarithm." rows={verdict.anchors}
      empty="No anchor measured, or your role does not see them."
      columns={[
        { name: 'Anchor', cell: (a) => <>{a.anchor}{verdict.hinges.includes(a.anchor) && <strong> hinges on it</strong>}</> },
        { name: 'Round trip', number: true, cell: (a) => ms(a.rtt_min_ns) },
        { name: 'Within', number: true, cell: (a) => km(a.bound_km) },
        { name: 'Drawn', cell: (a) => a.bound_km !== null && <svg width="120" height="12" viewBox="0 0 120 12" aria-hidden="true"><rect class="p-region" x="1" y="1" height="10" width={(118 * Math.log10(1 + a.bound_km)) / most} /></svg> },
        { name: 'Least, next', number: true, cell: (a) => `${ms(a.rtt_least_ns)}, ${ms(a.rtt_next_ns)}` },
        { name: 'Samples', number: true, cell: (a) => a.samples },
        { name: 'Stamps', cell: (a) => a.source || '-' },
        { name: 'Counted', cell: (a) => (a.used ? 'yes' : a.answered ? `no: ${a.note}` : 'did not answer') },
      ]} />
  );
}
