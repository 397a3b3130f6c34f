// Singular-value spectrum, two panels on one x axis: log10 σ_i/σ_1 above, cumulative energy below.

import { help } from './help.js';
import { h, integer, nameTag, number, plotWords, reason, say, series } from './dom.js';

const colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

/** Traces and layout for Plotly; `element` carries the colours. */
export function figure(element, payload, xLog) {
  const traces = [];
  const shapes = [90, 95, 99].map((s) => ({ type: 'line', xref: 'paper', x0: 0, x1: 1, yref: 'y2', y0: s / 100, y1: s / 100, line: { color: colour(element, '--line'), width: 1, dash: 'dot' } }));
  const wide = element.closest('.present') ? 4 : 2;
  const size = wide > 2 ? 22 : 12;
  const annotations = [{ xref: 'paper', x: 1, xanchor: 'left', yref: 'y2', y: 0.95, text: '99%<br>95%<br>90%', showarrow: false, font: { size: size - 2 } }];
  const furthest = Math.max(...payload.columns.map((c) => c.spectrum?.log.length ?? 1));
  const labels = []; // [erank, row]: labels that would meet stand in rows
  const meets = Math.max(0.14, (4.2 * size) / Math.max(1, element.clientWidth - 6 * size)); // share of the axis that a label takes
  payload.columns.forEach((column, index) => {
    const s = column.spectrum;
    if (!s) return;
    const look = series(index);
    const paint = colour(element, `--s${index % 4}`);
    const x = s.log.map((_, i) => i + 1);
    const mode = x.length > 40 ? 'lines' : 'lines+markers';
    const common = { x, mode, line: { color: paint, dash: look.dash, width: wide }, marker: { symbol: look.marker, size: 3 + wide * 2 }, name: column.name, legendgroup: column.name };
    traces.push({ ...common, y: s.log, hovertemplate: 'i = %{x}: %{y:.2f}' });
    traces.push({ ...common, y: s.energy, yaxis: 'y2', showlegend: false, hovertemplate: 'k = %{x}: %{y:.1%}' });
    if (s.untruncated) traces.push({ ...common, x: s.untruncated.map((_, i) => i + 1), y: s.untruncated, opacity: 0.4, mode: 'lines', showlegend: false, hovertemplate: say('view.spectrum.untruncated') });
    shapes.push({ type: 'line', x0: s.erank, x1: s.erank, yref: 'paper', y0: 0, y1: 1, line: { color: paint, width: wide, dash: look.dash } });
    const taken = labels.filter(([at]) => (xLog ? Math.abs(Math.log(at / s.erank)) / Math.log(furthest + 1) : Math.abs(at - s.erank) / furthest) < meets).map(([, row]) => row);
    const row = [0, 1, 2, 3].find((r) => !taken.includes(r)) ?? 0;
    labels.push([s.erank, row]);
    annotations.push({ x: xLog ? Math.log10(s.erank) : s.erank, yref: 'paper', y: 1, yanchor: 'bottom', yshift: row * (size + 3), text: `▼ ${s.erank.toFixed(1)}`, showarrow: false, font: { color: paint, size: size - 1 } });
  });
  const ink = colour(element, '--ink');
  const axis = { gridcolor: colour(element, '--line'), linecolor: colour(element, '--line'), zeroline: false, automargin: true };
  const layout = {
    uirevision: 'spectrum',
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { color: ink, family: getComputedStyle(element).fontFamily, size },
    margin: { l: 62, r: 20 + 2 * size, t: 10 + (size + 3) * (1 + Math.max(0, ...labels.map(([, row]) => row))), b: 6 * size },
    hovermode: 'x unified',
    hoverlabel: { bgcolor: colour(element, '--paper'), font: { color: ink } },
    showlegend: true,
    legend: { orientation: 'h', yref: 'container', y: 0, yanchor: 'bottom' },
    xaxis: { ...axis, title: { text: say('view.spectrum.x') }, type: xLog ? 'log' : 'linear', anchor: 'y2', uirevision: xLog ? 'log' : 'linear' },
    yaxis: { ...axis, title: { text: 'log₁₀ σᵢ/σ₁' }, domain: [0.5, 1] },
    yaxis2: { ...axis, title: { text: say('view.spectrum.energy') }, domain: [0, 0.42], range: [0, 1.03], tickformat: '.0%' },
    shapes,
    annotations,
  };
  return { traces, layout };
}

export const config = {
  responsive: true,
  displaylogo: false,
  toImageButtonOptions: { format: 'svg', filename: 'spectrum', scale: 2 },
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'sendDataToCloud'],
};

/** The section; its plot lives in one element for the whole life of the view, so that zoom survives updates. */
export function createSpectrum() {
  const plot = h('div.plot');
  const table = h('details.numbers');
  const note = h('p.hint');
  let xLog = false;
  let last = null;
  let alone = false; // the numbers stand in for the figure
  const toggle = h('button', { type: 'button', 'aria-pressed': 'false' });
  const title = h('h2');
  const head = h('header', {}, title, toggle);
  const section = h('section.spectrum', { hidden: true }, head, note, plot, table);
  toggle.addEventListener('click', () => {
    xLog = !xLog;
    toggle.setAttribute('aria-pressed', String(xLog));
    update(last);
  });

  function update(payload) {
    last = payload;
    const shown = payload.columns.map((column, index) => ({ column, index })).filter(({ column }) => column.spectrum);
    const absent = payload.columns.filter((c) => !c.spectrum && c.notes.spectrum);
    section.hidden = !shown.length && !absent.length;
    if (section.hidden) return;
    title.replaceChildren(say('measure.spectrum.name'), help('spectrum') ?? '');
    toggle.textContent = say('view.spectrum.log');
    section.setAttribute('aria-label', say('measure.spectrum.name'));
    note.replaceChildren(
      ...shown.flatMap(({ column, index }) => [
        nameTag(column, index),
        ' ',
        say('view.spectrum.note', { rows: integer(column.spectrum.rows), width: integer(column.spectrum.width), bound: integer(Math.min(column.spectrum.rows, column.spectrum.width)) }),
        ' ',
      ]),
      ...absent.flatMap((c) => [h('strong', {}, c.name), ' ', reason(c.notes.spectrum), ' ']),
    );
    table.replaceChildren(
      h('summary', {}, say('view.spectrum.table')),
      h(
        'div.grid-scroll',
        {},
        h(
          'table',
          {},
          h('thead', {}, h('tr', {}, ['', 'erank', 'k₉₀', 'k₉₅', 'k₉₉', 'σ₁, σ₂, …'].map((t) => h('th', { scope: 'col' }, t)))),
          h(
            'tbody',
            {},
            shown.map(({ column, index }) =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, nameTag(column, index)),
                h('td', {}, number(column.spectrum.erank, 2)),
                ['90', '95', '99'].map((s) => h('td', {}, integer(column.spectrum.k[s]))),
                h('td.sigma', {}, column.spectrum.sigma.slice(0, 12).map((v) => number(v, 2)).join('  ') + (column.spectrum.log.length > 12 ? ' …' : '')),
              ),
            ),
          ),
        ),
      ),
    );
    plot.hidden = !window.Plotly || !shown.length;
    if (!window.Plotly && !alone) {
      alone = table.open = true;
      // It is large, and a result may be there before it.
      document.querySelector('script[src*="plotly"]')?.addEventListener('load', () => update(last), { once: true });
    } else if (window.Plotly && alone) alone = table.open = false;
    if (!plot.hidden) {
      const { traces, layout } = figure(section, payload, xLog);
      window.Plotly.react(plot, traces, layout, { ...config, ...plotWords() });
    }
  }
  return { section, update, redraw: () => last && update(last), plot };
}
