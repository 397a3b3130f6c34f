// The Training page: draws the payload of inspector/views/training.py. Everything is drawn anew when a choice changes.

import { help } from './help.js';
import { h, integer, loadWords, plotWords, reason, say } from './dom.js';
import { at, CONFIG, figure, PANELS, title } from './curves.js';
import { figureButtons } from './take.js';
import { each, numbers, summary } from './runs.js';

/** Mount into `element`; the logs are asked for when the page is first seen, and curves are drawn when it has a width. */
export async function mount(element, props, watch) {
  await loadWords(null);
  const root = h('div.cv.training');
  element.replaceChildren(root);
  const state = { runs: [], problems: [], ratios: [], largest: 0, ratio: null, xLog: false, series: null, off: new Set(), range: null };
  const top = h('div');
  const curves = h('div.curves');
  const below = h('div');
  const plots = new Map(); // by panel: its figure lives as long as the page, so that a zoom survives a choice
  root.append(top, curves, below);
  let seen = 0;
  let own = null; // a visitor's log under way to be checked
  window.inspector.training = () => ({ own });

  /** Runs drawn: of a chosen series, not switched off, with this ratio. */
  const chosen = () => state.runs.filter((run) => inSeries(run) && !state.off.has(run.id));
  const inSeries = (run) => run.own || state.series.has(run.series);
  const offered = () => [...new Set(state.runs.filter((run) => !run.own).map((run) => run.series))];

  function receive() {
    const payload = JSON.parse(props.value?.json ?? 'null');
    if (!payload || payload.number === seen) return;
    seen = payload.number;
    const runs = payload.runs.map((run, index) => ({ ...run, own: payload.own, id: `${payload.number}:${index}` }));
    state.runs = payload.own ? [...state.runs, ...runs] : [...runs, ...state.runs.filter((run) => run.own)];
    state.runs.forEach((run) => (run.look ??= freeLook()));
    state.problems = payload.problems;
    state.largest = payload.largest;
    state.ratios = [...new Set(state.runs.flatMap((run) => run.ratios))].sort((a, b) => a - b);
    if (!state.ratios.includes(state.ratio)) state.ratio = state.ratios.includes(16) ? 16 : (state.ratios[0] ?? null);
    if (!state.series || !payload.own) state.series = new Set(offered().includes('main') ? ['main'] : offered());
    draw();
  }

  /** A run keeps its look while others come and go. */
  function freeLook() {
    const taken = new Set(state.runs.map((run) => run.look));
    let free = 0;
    while (taken.has(free)) free += 1;
    return free;
  }

  function set(change, focus) {
    change();
    draw();
    root.querySelector(focus)?.focus();
  }

  function toggle(chosen, value) {
    if (!chosen.delete(value)) chosen.add(value);
  }

  function group(name, buttons) {
    return h('div.choices', { role: 'group', 'aria-label': say(`training.${name}`) }, h('span.label', {}, say(`training.${name}`)), buttons);
  }

  function bar() {
    const press = (key, pressed, text, change) =>
      h('button', { type: 'button', data: { key }, 'aria-pressed': String(pressed), onclick: () => set(change, `[data-key="${CSS.escape(key)}"]`) }, text);
    const ratios = state.ratios.map((ratio) => press(`ratio-${ratio}`, ratio === state.ratio, `${ratio}×`, () => (state.ratio = ratio)));
    const series = offered().map((name) => press(`series-${name}`, state.series.has(name), say(`training.series.${name}`), () => toggle(state.series, name)));
    const log = press('log', state.xLog, say('training.log'), () => Object.assign(state, { xLog: !state.xLog, range: null }));
    const runs = state.runs.filter(inSeries).map((run) => {
      const button = press(`run-${run.id}`, !state.off.has(run.id), '', () => toggle(state.off, run.id));
      button.classList.add('run');
      button.append(title(run));
      return button;
    });
    return [
      h('div.bar', {}, group('ratio', ratios), series.length > 1 ? group('series', series) : null, log, figures()),
      group('runs', runs),
      state.xLog ? h('p.hint', {}, say('training.log.hint')) : null,
    ];
  }

  function figures() {
    const said = h('span.hint', { role: 'status' });
    return h('div.choices.figures', { role: 'group', 'aria-label': say('export.button') }, figureButtons(root, 'training', said), said);
  }

  function draw() {
    const runs = chosen();
    const problems = state.problems.map(({ file, said }) => h('p.message', { role: 'alert' }, say('training.broken', { file, said: reason(said) })));
    const has = state.runs.length > 0;
    top.replaceChildren(
      ...[
        ...problems,
        h('p.hint.about', {}, say('training.about')),
        has ? h('p.summary', { 'aria-live': 'polite' }, summary(runs, state.ratio)) : h('p.welcome', {}, say('training.empty')),
        ...(has ? bar() : []),
      ].filter(Boolean),
    );
    drawCurves(runs);
    const details = has ? [numbers(runs, state.ratio), each(runs, state.ratio, { replay, remove })] : [];
    const open = below.querySelector('details.numbers')?.open;
    below.replaceChildren(...[...details, picker()].filter(Boolean));
    const table = below.querySelector('details.numbers');
    if (table) table.open = Boolean(open);
  }

  function drawCurves(runs) {
    const shown = PANELS.filter((panel) => runs.some((run) => run.columns[panel.column(state.ratio)]));
    const lacking = state.runs.length > 0 && !shown.length;
    curves.replaceChildren(...(lacking ? [h('p.welcome', {}, say('training.none_shown'))] : shown.map((panel) => place(panel))));
    if (!window.Plotly || !root.clientWidth) return;
    for (const panel of shown) {
      const { node, plot } = plots.get(panel.name);
      node.setAttribute('aria-label', say(`training.${panel.name}`));
      const { traces, layout } = figure(root, panel, runs, state);
      window.Plotly.react(plot, traces, layout, { ...CONFIG, ...plotWords() });
      if (!plot.wired) wire(plot);
    }
  }

  function place(panel) {
    if (!plots.has(panel.name)) {
      const plot = h('div.plot');
      const heading = h('h2', {}, say(`training.${panel.name}`), help(`train_${panel.name}`) ?? '');
      plots.set(panel.name, { plot, node: h('section.panel', { data: { panel: panel.name } }, heading, plot) });
    }
    return plots.get(panel.name).node;
  }

  /** One zoom for all panels; a click on a star replays its checkpoint. */
  function wire(plot) {
    plot.wired = true;
    plot.on('plotly_relayout', (change) => {
      const all = 'xaxis.autorange' in change;
      if (!all && !('xaxis.range[0]' in change)) return;
      state.range = all ? null : [change['xaxis.range[0]'], change['xaxis.range[1]']];
      drawCurves(chosen());
    });
    plot.on('plotly_click', ({ points, event }) => {
      const star = at(plot, points, event);
      if (star) replay(star.at[state.ratio]);
    });
  }

  function replay(addresses) {
    if (addresses) window.inspector.runThese(addresses);
  }

  function remove(run) {
    set(() => (state.runs = state.runs.filter((other) => other !== run)), '.own');
  }

  function picker() {
    const most = integer(Math.floor(state.largest / 1000));
    const input = h('input', { type: 'file', accept: '.json,application/json', hidden: true, 'aria-label': say('training.own') });
    input.addEventListener('change', () => input.files[0] && load(input.files[0]));
    return h('p.picker', {}, h('button.own', { type: 'button', onclick: () => input.click() }, say('training.own')), input, ' ', h('span.hint', {}, say('training.own.hint', { most })));
  }

  async function load(file) {
    const refuse = (said) => {
      state.problems = [{ file: file.name, said }];
      draw();
    };
    const kilo = (bytes) => integer(Math.ceil(bytes / 1000));
    if (file.size > state.largest) return refuse(say('training.own.large', { size: kilo(file.size), most: kilo(state.largest) }));
    let text;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      return refuse(say('training.own.encoding'));
    }
    own = { name: file.name, text };
    document.querySelector('#training-go').click();
  }

  watch('value', receive);
  const again = () => state.runs.length && drawCurves(chosen());
  if (!window.Plotly) document.querySelector('script[src*="plotly"]')?.addEventListener('load', again); // it is large, and may come later
  new MutationObserver(again).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  let width = 0;
  let asked = false;
  new ResizeObserver(() => {
    if (!root.clientWidth || root.clientWidth === width) return;
    width = root.clientWidth;
    if (!asked) document.querySelector('#training-go').click();
    asked = true;
    again();
  }).observe(root);
}
