// The truncation sweep: measures against the directions kept, one small panel each; a click on a point keeps so many.

import { help } from './help.js';
import { h, integer, nameTag, number, say, series } from './dom.js';

const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();
const PANELS = ['bleu', 'retention', 'role_f1', 'drift'];
const config = { responsive: true, displayModeBar: false };

/** Key of what a sweep was about: its curves stay while the same text is shown with the same compressors. */
const about = (payload) => JSON.stringify([payload.source, payload.columns.map((c) => c.name)]);
const textOf = ({ words, tail }) => words.map(([gap, word]) => gap + word).join('') + tail;

function figure(element, data, panel) {
  const share = panel !== 'bleu';
  const most = Math.max(2, ...data.columns.flatMap((c) => c.points.map((p) => p.of)));
  const ink = colour(element, '--ink');
  const soft = colour(element, '--soft');
  const wide = element.closest('.present') ? 4 : 2;
  const size = wide > 2 ? 17 : 12;
  const traces = data.columns.map((column, index) => {
    const look = series(index);
    const points = column.points.filter((p) => p[panel] !== null);
    const whole = points.map((p) => p.k === p.of);
    return {
      x: points.map((p) => p.k),
      y: points.map((p) => p[panel]),
      customdata: points.map((p) => p.k),
      mode: 'lines+markers',
      name: column.name,
      line: { color: colour(element, `--s${index % 4}`), dash: look.dash, width: wide },
      marker: { symbol: whole.map((w) => (w ? `${look.marker}-open` : look.marker)), size: whole.map((w) => (w ? 9 + wide * 2 : 3 + wide * 2)), line: { width: wide } },
      hovertemplate: share ? 'k = %{x}: %{y:.0%}' : 'k = %{x}: %{y:.1f}',
      connectgaps: true,
    };
  });
  const levels = panel === 'drift' ? [[0.5, say('view.sweep.chance')], ...[...new Set(data.columns.flatMap((c) => c.points.slice(-1).map((p) => p.prior)).filter((p) => p !== null))].map((p) => [p, say('view.sweep.prior')])] : [];
  const axis = { gridcolor: colour(element, '--line'), linecolor: colour(element, '--line'), zeroline: false, automargin: true };
  const logarithmic = most > 16;
  const ticks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].filter((k) => k <= most);
  const layout = {
    uirevision: panel,
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: ink, family: getComputedStyle(element).fontFamily, size },
    margin: { l: 44, r: 14, t: 8, b: 40 },
    hovermode: 'closest',
    hoverlabel: { bgcolor: colour(element, '--paper'), font: { color: ink } },
    showlegend: false,
    xaxis: { ...axis, title: { text: say('view.sweep.x') }, fixedrange: true, ...(logarithmic ? { type: 'log', tickvals: ticks, ticktext: ticks.map(String), range: [-0.04, Math.log10(most) + 0.05] } : { dtick: most > 8 ? 2 : 1, tick0: most > 8 ? 2 : 1, range: [0.7, most + 0.3] }) },
    yaxis: { ...axis, fixedrange: true, range: share ? [-0.03, 1.05] : [-3, 105], tickformat: share ? '.0%' : '' },
    shapes: levels.map(([y]) => ({ type: 'line', xref: 'paper', x0: 0, x1: 1, y0: y, y1: y, line: { color: soft, width: 1, dash: y === 0.5 ? 'dot' : 'dash' } })),
    annotations: levels.map(([y, text]) => ({ xref: 'paper', x: 1, xanchor: 'right', y, yanchor: 'top', text, showarrow: false, font: { size: size - 2, color: soft } })),
  };
  return { traces, layout };
}

/** The part of the spectrum section that sweeps; `showing` is told what the view shows, `swept` what a sweep found. */
export function createSweep() {
  const button = h('button', { type: 'button' });
  const stop = h('button', { type: 'button', hidden: true, onclick: () => document.querySelector('#stop')?.click() });
  const bar = h('progress', { max: 1, value: 0, hidden: true });
  const state = h('span.hint', { role: 'status' });
  const notes = h('p.hint');
  const plots = Object.fromEntries(PANELS.map((panel) => [panel, h('div.small-plot')]));
  const titles = Object.fromEntries(PANELS.map((panel) => [panel, h('h4')]));
  const panels = h('div.panels', {}, PANELS.map((panel) => h('figure', {}, titles[panel], plots[panel])));
  const table = h('details.numbers');
  const title = h('h3');
  const node = h('div.sweep', { hidden: true }, h('header', {}, title, button, stop, bar, state), notes, panels, table);
  let now = null; // what the view shows
  let asked = null; // what the last sweep was asked about
  let data = null;

  button.addEventListener('click', () => {
    asked = about(now);
    data = null;
    window.inspector.sweep({ text: textOf(now.source), names: now.columns.map((c) => c.name) });
    state.textContent = say('view.sweep.waiting');
    bar.hidden = stop.hidden = false;
    bar.removeAttribute('value');
    button.disabled = true;
    draw();
  });

  /** k directions of every memory; all of them where no memory has more. */
  const keep = (k) => window.inspector.keep?.(k >= Math.max(...data.columns.flatMap((c) => c.points.map((p) => p.of))) ? null : k);

  function rows() {
    return data.columns.flatMap((column, index) =>
      column.points.map((p) =>
        h(
          p.k === p.of ? 'tr.whole' : 'tr',
          {},
          h('th', { scope: 'row' }, nameTag(column, index)),
          h('td', {}, h('button', { type: 'button', title: say('view.sweep.keep', { k: integer(p.k) }), onclick: () => keep(p.k) }, `${integer(p.k)} / ${integer(p.of)}`)),
          h('td', {}, `${number(100 * p.energy, 0)}%`),
          h('td', {}, number(p.bleu)),
          h('td', {}, p.kept[1] ? `${integer(p.kept[0])} / ${integer(p.kept[1])}` : '–'),
          ['role_f1', 'drift', 'prior'].map((name) => h('td', {}, p[name] === null ? '–' : `${number(100 * p[name], 0)}%`)),
          h('td', {}, number(p.margin)),
          h('td', {}, number(p.entropy, 2)),
          h('td', {}, number(p.erank)),
        ),
      ),
    );
  }

  function draw() {
    const able = now?.columns.some((c) => c.spectrum);
    node.hidden = !able || now.pair || !window.inspector?.sweep; // a file that stands alone can compute nothing
    if (node.hidden) return;
    title.replaceChildren(say('measure.sweep.name'), help('sweep') ?? '');
    button.textContent = say('view.sweep.start');
    stop.textContent = say('page.stop');
    bar.setAttribute('aria-label', say('view.progress'));
    const found = data?.columns.some((c) => c.points.length);
    panels.hidden = !found || !window.Plotly;
    table.hidden = !found;
    notes.replaceChildren();
    if (!data) return;
    const pairs = Math.max(0, ...data.columns.flatMap((c) => c.points.map((p) => p.pairs)));
    notes.replaceChildren(
      ...data.columns.flatMap((c, index) => (c.points.length || c.message ? [nameTag(c, index), ' ', c.message ?? '', ' '] : [])),
      found ? say(pairs ? 'view.sweep.note' : 'view.sweep.note.none', { pairs: integer(pairs) }) : '',
    );
    if (!found) return;
    table.replaceChildren(
      h('summary', {}, say('view.spectrum.table')),
      h(
        'div.grid-scroll',
        {},
        h(
          'table',
          {},
          h('thead', {}, h('tr', {}, ['', ...['k', 'energy', 'bleu', 'kept', 'role_f1', 'drift', 'prior', 'margin', 'entropy', 'erank'].map((key) => say(`view.sweep.head.${key}`))].map((t) => h('th', { scope: 'col' }, t)))),
          h('tbody', {}, rows()),
        ),
      ),
    );
    table.open ||= !window.Plotly;
    if (panels.hidden) return;
    for (const panel of PANELS) {
      titles[panel].replaceChildren(say(`view.sweep.${panel}`), panel === 'drift' ? (help('drift') ?? '') : '');
      const { traces, layout } = figure(node, data, panel);
      window.Plotly.react(plots[panel], traces, layout, config);
      if (!plots[panel].dataset.heard) plots[panel].on('plotly_click', (event) => keep(event.points[0].customdata));
      plots[panel].dataset.heard = 'yes';
    }
  }

  function showing(payload) {
    now = payload;
    if (asked !== null && asked !== about(payload)) {
      asked = data = null;
      state.textContent = '';
      bar.hidden = stop.hidden = true;
    }
    const busy = payload.status === 'running' || data?.status === 'running';
    button.disabled = busy;
    draw();
  }

  function swept(next) {
    if (!next || asked === null) return; // the text has changed since
    data = next;
    const running = next.status === 'running';
    bar.hidden = stop.hidden = !running;
    button.disabled = running;
    if (running) bar.value = next.progress;
    state.textContent = next.message ?? (next.status === 'stopped' ? say('view.sweep.stopped') : '');
    draw();
  }
  return { node, showing, swept, redraw: draw };
}
