// The fleet on the map: what was proved of where chips are, by site; and the same as a table.

import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import * as api from '../api';
import { count, km, many } from '../format';
import { coarseLand, fineLand } from '../geo/land';
import { toSphere } from '../geo/sphere';
import { distanceKm, type Mark } from '../map/cluster';
import { FleetMap } from '../map/fleet_map';
import { FleetPoints } from '../map/fleet_points';
import { ChipLink, Heading, Problem, Shape, Table, VerdictBadge } from '../parts/basics';
import { kMapStates, mapLook, mapName } from '../states';
import { onTheme } from '../theme';
import type { Chip } from '../types';

const kMostParts = 50;
const kMostRows = 200;
const kRowsSoFar = 25;  // while chips still come: rows cost more than marks

/** Chips come page by page; the map is drawn from the first one on. */
function useFleet(): { points: FleetPoints; seen: number; done: boolean; fault: string } {
  const points = useRef(new FleetPoints());
  const [state, setState] = useState({ seen: 0, done: false, fault: '' });
  useEffect(() => {
    const stop = new AbortController();
    const now = Date.now();
    const load = async () => {
      let seen = 0, told = 0;
      for await (const page of api.fleetPages(stop.signal)) {
        for (const chip of page.chips) points.current.add(chip, now);
        seen += page.chips.length;
        // The table and the marks cost by the number of chips: so told at each quarter more.
        if (told === 0 || seen > told * 1.25) {
          told = seen;
          setState({ seen, done: false, fault: '' });
        }
      }
      setState({ seen, done: true, fault: '' });
    };
    load().catch((fault: unknown) => {
      if (!stop.signal.aborted) setState((old) => ({ ...old, done: true, fault: fault instanceof Error ? fault.message : String(fault) }));
    });
    return () => stop.abort();
  }, []);
  return { points: points.current, ...state };
}

function states(mark: Mark): JSX.Element {
  return (
    <ul class="legend">
      {kMapStates.flatMap((state, i) => (mark.byState[i] ? [
        <li key={state}><span class={`badge ${mapLook(state).tone}`}><Shape look={mapLook(state)} />{count(mark.byState[i]!)} {mapName(state)}</span></li>,
      ] : []))}
    </ul>
  );
}

/** What one mark stands for. Its chips' exact regions go to the map. */
function Chosen({ mark, points, onRegions, onPart }: {
  mark: Mark; points: FleetPoints; onRegions(regions: Map<string, GeoJSON.MultiPolygon>): void; onPart(part: Mark): void;
}): JSX.Element {
  const site = mark.site >= 0 ? points.sites[mark.site]! : null;
  const [chips, setChips] = useState<Chip[]>([]);
  const [fault, setFault] = useState('');
  useEffect(() => {
    const stop = new AbortController();
    setChips([]);
    setFault('');
    onRegions(new Map());
    const ask = async () => {
      const found = mark.parts ? [] : site !== null ? (await api.chipsAt(site, stop.signal)).chips
        : mark.count === 1 ? [await api.chip(points.ids[mark.first]!, stop.signal)] : [];
      const here = found.filter((chip) => {
        const centre = chip.last_verdict?.region?.centre;
        return chip.site === site && centre && distanceKm(mark.lat, mark.lon, centre.lat_deg, (centre.lon_deg * Math.PI) / 180) <= mark.radiusKm;
      });
      setChips(here);
      onRegions(new Map(here.flatMap((chip) => {
        const shape = toSphere(chip.last_verdict?.region?.geometry);
        return shape ? [[chip.chip_id, shape] as const] : [];
      })));
    };
    ask().catch((wrong: unknown) => {
      if (!stop.signal.aborted) setFault(wrong instanceof Error ? wrong.message : String(wrong));
    });
    return () => stop.abort();
  }, [mark]);
  return (
    <section aria-live="polite">
      <h2>{mark.parts ? many(mark.parts.length, 'place') : site ?? 'A chip without a site'}</h2>
      <p>{many(mark.count, 'chip')}, proved to be within {km(mark.radiusKm)} of one point.</p>
      {states(mark)}
      <Problem text={fault} />
      {mark.parts && (
        <ul class="plain">
          {mark.parts.slice(0, kMostParts).map((part, i) => (
            <li key={i}><button type="button" class="link" onClick={() => onPart(part)}>{part.site >= 0 ? points.sites[part.site] : 'no site'}</button> {many(part.count, 'chip')}, {mapName(kMapStates[part.worst] ?? '')}</li>
          ))}
          {mark.parts.length > kMostParts && <li>and {count(mark.parts.length - kMostParts)} more; come nearer</li>}
        </ul>
      )}
      {chips.length > 0 && (
        <Table caption={`Chips that are proved to be here${chips.length < mark.count ? `, ${chips.length} of ${count(mark.count)}` : ''}`} rows={chips} empty=""
          columns={[
            { name: 'Chip', cell: (chip) => <ChipLink id={chip.chip_id} serial={chip.serial} /> },
            { name: 'Verdict', cell: (chip) => <VerdictBadge state={chip.last_verdict!.state} expires={chip.last_verdict!.expires_at} /> },
            { name: 'Licence', cell: (chip) => chip.licence },
            { name: 'Region', number: true, cell: (chip) => km(chip.last_verdict!.region!.radius_km) },
          ]} />
      )}
    </section>
  );
}

export function MapView(): JSX.Element {
  const fleet = useFleet();
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<FleetMap | null>(null);
  const [marks, setMarks] = useState<Mark[]>([]);
  const [chosen, setChosen] = useState<Mark | null>(null);
  const [fault, setFault] = useState('');

  useEffect(() => {
    const drawn = new FleetMap(canvas.current!, { onChoose: setChosen });
    map.current = drawn;
    const end = onTheme(() => drawn.refreshInks());
    coarseLand().then((coarse) => drawn.setLand(coarse, null), (wrong: unknown) => setFault(String(wrong)));
    return () => {
      end();
      drawn.end();
    };
  }, []);
  // Fine land takes some tenths of a second to read: once there is something to look at.
  const anything = fleet.seen > 0 || fleet.done;
  useEffect(() => {
    if (!anything) return;
    Promise.all([coarseLand(), fineLand()]).then(([coarse, fine]) => map.current?.setLand(coarse, fine), (wrong: unknown) => setFault(String(wrong)));
  }, [anything]);
  useEffect(() => {
    if (fleet.seen > 0) setMarks(map.current!.setPoints(fleet.points));
  }, [fleet.seen, fleet.done]);

  const rows = useMemo(() => [...marks].sort((a, b) => b.worst - a.worst || b.count - a.count), [marks]);
  const show = (mark: Mark) => {
    setChosen(mark);
    map.current?.choose(mark, true);
    canvas.current?.scrollIntoView({ block: 'nearest' });
  };
  const most = fleet.done ? kMostRows : kRowsSoFar;
  const unplaced = [...fleet.points.unplaced].filter(([, n]) => n > 0);
  return (
    <>
      <Heading>Where chips are proved to be</Heading>
      <p class="lead" role="status">
        {many(fleet.seen, 'chip')}{fleet.done ? '' : ' so far'}. A mark covers the regions that were proved, and is never nearer to a place than they are;
        come nearer, and the region itself is drawn. One that is wider than a continent is an edge alone: hardly anything is proved.
      </p>
      <Problem text={fleet.fault || fault} />
      <div class="map">
        <canvas ref={canvas} tabIndex={0} role="application" aria-label={`Map of ${many(fleet.seen, 'chip')}; the table below says the same`} aria-describedby="map-keys" />
        <div class="controls">
          <button type="button" aria-label="Nearer" onClick={() => map.current?.zoom(1.5)}>+</button>
          <button type="button" aria-label="Farther" onClick={() => map.current?.zoom(1 / 1.5)}>-</button>
          <button type="button" aria-label="The whole world" onClick={() => map.current?.home()}>o</button>
        </div>
      </div>
      <p class="faint" id="map-keys">On the map: arrow keys move, + and - come nearer and go farther, Home shows the whole world.</p>
      <ul class="legend" aria-label="What marks mean">
        {kMapStates.map((state) => (
          <li key={state}><span class={`badge ${mapLook(state).tone}`}><Shape look={mapLook(state)} />{mapName(state)}</span> {mapLook(state).text}</li>
        ))}
      </ul>
      {chosen && <Chosen mark={chosen} points={fleet.points} onRegions={(regions) => map.current?.setRegions(regions)} onPart={show} />}
      <h2>The same as a table</h2>
      {unplaced.length > 0 && (
        <p>Without a place: {unplaced.map(([state, n]) => `${count(n)} ${mapName(state)}`).join(', ')}. Nothing was proved of them, or you may not see where.</p>
      )}
      <Table caption={rows.length > most ? `The ${most} gravest of ${count(rows.length)} places` : 'Places, the gravest first'}
        rows={rows.slice(0, most)} empty="No chip is proved to be anywhere."
        columns={[
          { name: 'Site', cell: (mark) => <button type="button" class="link" onClick={() => show(mark)}>{mark.site >= 0 ? fleet.points.sites[mark.site] : 'no site'}</button> },
          { name: 'Chips', number: true, cell: (mark) => count(mark.count) },
          { name: 'Verdicts', cell: (mark) => states(mark) },
          { name: 'Within', number: true, cell: (mark) => km(mark.radiusKm) },
          { name: 'Of', cell: (mark) => `${Math.abs(mark.lat).toFixed(1)} ${mark.lat < 0 ? 'S' : 'N'} ${Math.abs((mark.lon * 180) / Math.PI).toFixed(1)} ${mark.lon < 0 ? 'W' : 'E'}` },
        ]} />
    </>
  );
}
