// The compare view: draws the payload of inspector/views/compare.py, and keeps what the reader chose between updates.

import { h, keep, kept, keyOf, loadWords, say, spoken } from './dom.js';
import { createTexts, legend, verdicts } from './columns.js';
import { DIMENSIONS } from './kinds.js';
import { ledger } from './ledger.js';
import { matrix } from './matrix.js';
import { entries, filters, meaningBar, stepper, tell, total, viewOf, viewSwitch } from './meaning.js';
import { createSelection } from './select.js';
import { heatmaps, pinned, pinPanel, tokensAt } from './heatmap.js';
import { createSpectrum } from './spectrum.js';
import { createSweep } from './sweep.js';

const MARKS = '.column:not(.pinned) .w.substituted, .column:not(.pinned) .w.dropped, .column:not(.pinned) .w.added';

/** Where the columns come from, if a case of the gallery is open; in present mode also which one, and what to look at. */
function storedLine({ case: name, state }) {
  const told = h('span.case', {}, h('strong', {}, say(`gallery.${name}.title`)), ` ${say(`gallery.${name}.look`)} `);
  return h(`p.stored.${state}`, { role: 'status' }, told, say(`gallery.state.${state}`));
}

/** Before the first run: what to do and, for compressors, what there will be to see. */
function welcome(pair) {
  if (pair) return [h('p.welcome', {}, say('pair.welcome'))];
  const parts = ['meaning', 'spectrum', 'entropy'].map((part) => h('li', {}, h('strong', {}, say(`view.what.${part}`)), say(`view.what.${part}.told`)));
  return [h('p.welcome', {}, h('strong', {}, say('view.what')), say('view.welcome')), h('ul.what', {}, parts)];
}

/** Mount into `element`; `props.value` is the payload, `watch` tells of new ones. */
export async function mount(element, props, trigger, watch) {
  const root = h('div.cv');
  element.replaceChildren(root);
  const state = { run: null, mode: 'entropy', unit: 'token', pin: null, only: [], baseline: null, at: -1, measures: kept('measures') === 'all', ...filters() };
  const top = h('div');
  const grid = h('div');
  const middle = h('div');
  const below = h('div');
  const heat = h('div');
  const limits = h('details.limits', { hidden: true });
  const spectrum = createSpectrum();
  const sweep = createSweep();
  spectrum.section.append(sweep.node);
  let payload = null;
  let drawn = {};

  const actions = {
    baseline(index) {
      state.baseline = state.baseline === index ? null : index;
      drawTexts();
      middle.querySelector(`[data-column="${index}"] .baseline`)?.focus();
    },
    /** A field of the matrix: one compressor, one dimension; once more: all. */
    cell(column, dimension) {
      const same = state.cell?.column === column && state.cell.dimension === dimension;
      Object.assign(state, { cell: same ? null : { column, dimension }, kinds: same ? [] : [...(DIMENSIONS[dimension] ?? [])], focus: column, view: 'meaning' });
      drawTexts();
      top.querySelector(`[data-field="${column}:${dimension ?? ''}"]`)?.focus();
    },
    kind: (kind) => change(() => Object.assign(state, { cell: null, kinds: toggled(state.kinds, kind) }), `[data-kind="${kind}"]`),
    severity: (severity) => change(() => Object.assign(state, { severities: toggled(state.severities, severity) }), `[data-severity="${severity}"]`),
    focus: (focus) => change(() => Object.assign(state, { cell: null, focus, kinds: state.cell ? [] : state.kinds }), `[data-focus="${focus}"]`),
    measures: () =>
      change(() => {
        state.measures = !state.measures;
        keep('measures', state.measures ? 'all' : 'few');
      }, '.measures'),
    view: (view) => change(() => Object.assign(state, { view, at: -1 }), `[data-view="${view}"]`),
    clear: () => change(() => Object.assign(state, { cell: null, kinds: [], severities: ['serious', 'minor', 'acceptable'] }), '.where'),
    more: (dimension) => change(() => state.open.push(dimension), null),
    filter(kind) {
      state.only = state.only.includes(kind) ? state.only.filter((k) => k !== kind) : [...state.only, kind];
      drawTexts();
      middle.querySelector(`.key.${kind}`)?.focus();
    },
    set(group, value) {
      state[group] = value;
      drawHeat();
      heat.querySelector(`[data-choice="${value}"]`)?.focus();
    },
    jump(by) {
      if (viewOf(payload, state) === 'meaning') return selection.jump(by);
      const found = differences();
      if (!found.length) return;
      const from = found.indexOf(document.activeElement); // a mark that was reached in another way counts too
      if (from >= 0) state.at = from;
      state.at = (state.at + by + found.length + (state.at < 0 && by < 0 ? 1 : 0)) % found.length;
      found[state.at].focus();
      found[state.at].scrollIntoView({ block: 'center', inline: 'nearest' });
      root.querySelector('.where').textContent = `${state.at + 1} / ${found.length}`;
    },
  };

  const toggled = (list, value) => (list.includes(value) ? list.filter((v) => v !== value) : [...list, value]);

  /** Change a filter, draw anew, and leave the focus on the button that did it. */
  function change(how, button) {
    how();
    drawTexts();
    if (button) middle.querySelector(button)?.focus();
  }

  const texts = createTexts(actions);
  let quiet = 0; // until then, columns that scroll do not take the others along
  const selection = createSelection(root, state, { payload: () => payload, draw: () => drawTexts(), quiet: () => (quiet = performance.now() + 400) });
  const tip = h('div.tip', { role: 'tooltip', hidden: true });
  let dismissed = null;

  /** Marks that `n` and `N` visit: those of the chosen kinds, or all. */
  function differences() {
    const kinds = state.only.filter((kind) => kind !== 'kept');
    return [...middle.querySelectorAll(MARKS)].filter((m) => !kinds.length || kinds.some((kind) => m.classList.contains(kind)));
  }

  function drawTexts() {
    const view = viewOf(payload, state);
    const told = payload.columns.map((c) => c.meaning && [c.name, c.meaning.items]);
    const key = JSON.stringify([spoken(), view, state.only, state.kinds, state.severities, state.focus, state.cell, state.open, told]);
    if (drawn.filters !== key || !texts.node.isConnected) {
      const legends = view === 'meaning' ? meaningBar(payload, state, actions) : legend(state, actions);
      const bar = h('div.legend', { role: 'toolbar', 'aria-label': say('view.legend') }, viewSwitch(payload, state, actions), legends);
      middle.replaceChildren(...[bar, view === 'meaning' ? selection.bar(stepper(actions)) : null, texts.node, below].filter(Boolean));
    }
    const counted = `${payload.status === 'running'} ${key}`; // of its own: texts that are put in anew lose where they were scrolled to
    if (drawn.counted !== counted) grid.replaceChildren(...[matrix(payload, state, actions)].filter(Boolean));
    drawn.counted = counted;
    texts.update(payload, state);
    drawLedger(key);
    drawn.filters = key;
    if (view === 'words') {
      const count = differences().length;
      middle.querySelector('.where').textContent = count ? `${state.at + 1 > count ? 0 : state.at + 1} / ${count}` : say('view.none');
    }
    selection.refresh();
    linkPin();
  }

  /** Drawn anew when its rows change, and where the difference shown lies among those folded away. */
  function drawLedger(key) {
    const folded = state.current && !below.querySelector(`[data-row="${state.current}"]`);
    if (drawn.filters === key && !folded) return;
    const made = ledger(payload, entries(payload, state), total(payload, state), state, actions, tell);
    below.replaceChildren(...[made].filter(Boolean));
  }

  function drawHeat() {
    const held = heat.contains(document.activeElement) ? document.activeElement.closest('.cell') : null;
    const place = held && pinOf(held);
    const view = heatmaps(payload, state, actions);
    heat.replaceChildren(...(view ? [view] : []));
    drawPin();
    if (place) heat.querySelector(`.block[data-column="${place.column}"] .cell[data-t="${place.token}"]`)?.focus({ preventScroll: true });
  }

  function drawPin(preview = null) {
    const place = heat.querySelector('.pin');
    const shown = preview ?? state.pin;
    const panel = place && pinPanel(payload, { ...state, pin: shown });
    place?.replaceChildren(...(panel ? [panel] : []));
    place?.classList.toggle('preview', Boolean(preview && !state.pin));
    linkPin();
  }

  /** The pinned token shows in all heatmaps, in the source and in every column. */
  function linkPin() {
    root.querySelectorAll('.pinned-token').forEach((n) => n.classList.remove('pinned-token'));
    const pin = state.pin && pinned(payload, state.pin);
    if (!pin) return;
    const word = pin.token[3];
    const mark = (place, selector) => place?.querySelectorAll(selector).forEach((n) => n.classList.add('pinned-token'));
    if (word >= 0) mark(root, `.w[data-s="${word}"]`);
    if (state.unit === 'word') mark(root, `.cell[data-s="${word}"]`);
    else
      payload.columns.forEach(({ heat: numbers }, index) => {
        const block = numbers && heat.querySelector(`.block[data-column="${index}"]`);
        if (block) tokensAt(payload, numbers.tokens, pin).forEach((at) => mark(block, `.cell[data-t="${at}"]`));
      });
  }

  async function draw() {
    const next = props.value;
    if (!next?.columns) return;
    await loadWords(next.language);
    const before = payload;
    payload = next;
    const names = (p) => JSON.stringify(p?.columns.map((c) => c.name));
    if (!next.pair && next.columns.length && window.inspector?.wantedView) {
      Object.assign(state, window.inspector.wantedView); // what a link says
      window.inspector.wantedView = null;
    }
    if (state.run !== next.run && names(before) !== names(next)) Object.assign(state, filters(), { view: state.view });
    if (state.run !== next.run) Object.assign(state, { current: null, run: next.run, at: -1, pin: samePin(before, next), baseline: next.baseline ?? state.baseline });
    if (state.baseline !== null && state.baseline >= next.columns.length) state.baseline = null;
    const verdict = next.columns.length ? verdicts(next) : null;
    const parts = verdict || next.status === 'error' ? [] : welcome(next.pair);
    if (next.stored) parts.unshift(storedLine(next.stored));
    if (next.message) parts.unshift(h('p.message', { role: 'alert' }, next.message));
    top.replaceChildren(...parts, h('div.found', {}, verdict, grid));
    if (!next.columns.length) {
      [below, middle, grid].forEach((part) => part.replaceChildren());
      heat.replaceChildren();
      spectrum.section.hidden = true;
      limits.hidden = true;
      drawn = {};
      return;
    }
    const families = [...new Set(next.columns.map((c) => c.family).filter(Boolean))];
    limits.hidden = !families.length;
    limits.replaceChildren(h('summary', {}, say('view.limits.title')), ...families.map((f) => h('p', {}, say(`view.limits.${f}`))));
    drawTexts();
    if (!next.pair && window.inspector) {
      window.inspector.viewState = { get: () => ({ view: viewOf(payload, state), mode: state.mode, unit: state.unit }) };
      window.inspector.swept = sweep.swept;
      window.inspector.bound?.(Math.max(0, ...next.columns.map((c) => c.spectrum?.of ?? 0)));
    }
    sweep.showing(next);
    // Heatmap and spectrum change only when a trace or a memory arrives: not with every decoded word.
    const key = JSON.stringify([next.run, next.columns.map((c) => [c.name, Boolean(c.heat), Boolean(c.spectrum), c.notes])]);
    if (drawn.key !== key || drawn.language !== spoken()) {
      drawHeat();
      spectrum.update(next);
      Object.assign(drawn, { key, language: spoken() });
    }
  }

  /** Live typing makes new runs; a pin stays if its token is still there. */
  function samePin(before, next) {
    if (!state.pin || !before) return null;
    const old = before.tokenisations[before.columns[state.pin.column]?.heat?.tokens]?.[state.pin.token];
    const now = next.tokenisations[next.columns[state.pin.column]?.heat?.tokens]?.[state.pin.token];
    return !now || (old && old[2] === now[2]) ? state.pin : null;
  }

  const flowOf = (node) => node.closest('.text, .flow');
  const wordOf = (target) => target.closest?.('.w, .cell')?.dataset.s;

  function light(word) {
    root.querySelectorAll('.lit').forEach((n) => n.classList.remove('lit'));
    if (word === undefined || word === '-1') return;
    root.querySelectorAll(`.w[data-s="${word}"], .cell[data-s="${word}"]`).forEach((n) => n.classList.add('lit'));
  }

  const pinOf = (cell) => ({ column: Number(cell.closest('.block').dataset.column), token: Number(cell.dataset.t) });

  /** What a mark means, below it: the one under the pointer, else the focused one; Escape puts it away. */
  function showTip(target) {
    const place = target?.closest?.('[data-tip]') ?? document.activeElement?.closest('.cv [data-tip]:not(.chosen)'); // a chosen mark is told above the texts
    if (place !== dismissed) dismissed = null;
    const at = place?.getClientRects()[0];
    const box = place?.closest('.text').getBoundingClientRect();
    tip.hidden = !at || dismissed || at.bottom < box.top || at.top > box.bottom;
    if (tip.hidden) return;
    tip.textContent = place.dataset.tip;
    tip.of = place;
    const frame = root.getBoundingClientRect();
    tip.style.left = `${Math.max(0, Math.min(at.left - frame.left, frame.width - tip.offsetWidth))}px`;
    tip.style.top = `${at.bottom - frame.top + 5}px`;
  }

  function over(event) {
    light(wordOf(event.target));
    selection.light(event.target);
    showTip(event.type === 'focusin' ? null : event.target);
    const cell = event.target.closest?.('.cell');
    if (cell && !state.pin) drawPin(pinOf(cell));
  }
  root.addEventListener('mouseover', over);
  root.addEventListener('focusin', over);
  root.addEventListener('mouseleave', () => {
    light(undefined);
    selection.light(null);
    showTip(null);
  });
  root.addEventListener('focusout', () => showTip(null));
  root.addEventListener('click', (event) => {
    const cell = event.target.closest('.cell');
    const word = event.target.closest('.w');
    if (cell) {
      const pin = pinOf(cell);
      state.pin = state.pin && state.pin.token === pin.token && state.pin.column === pin.column ? null : pin;
      drawPin();
    } else if (word) {
      const twin = heat.querySelector(`.cell[data-s="${word.dataset.s}"]`);
      if (twin && word.dataset.s !== '-1') {
        state.pin = pinOf(twin);
        drawPin();
      }
    }
  });

  root.addEventListener('keydown', (event) => {
    const here = event.target.closest?.('.w, .head, .cell');
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (here && step) {
      const row = [...flowOf(here).querySelectorAll('.w, .head, .cell')];
      const to = row[row.indexOf(here) + step];
      if (to) {
        to.focus();
        if (to.matches('.cell') && state.pin) {
          state.pin = pinOf(to);
          drawPin();
        }
      }
      event.preventDefault();
    } else if (here && (event.key === 'Enter' || event.key === ' ')) {
      here.click();
      event.preventDefault();
    } else if (here && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const blocks = [...root.querySelectorAll('.text, .flow')];
      const other = blocks[blocks.indexOf(flowOf(here)) + (event.key === 'ArrowDown' ? 1 : -1)];
      (other?.querySelector(`[data-s="${here.dataset.s}"]`) ?? other?.querySelector('.w, .cell'))?.focus();
      event.preventDefault();
    }
  });

  // Long texts scroll inside their columns; all of them keep the same place.
  let follows = null;
  root.addEventListener(
    'scroll',
    (event) => {
      const moved = event.target;
      showTip(null); // a mark that was reached by keyboard keeps its tip where it now stands
      if (!moved.classList?.contains('text') || follows === moved || performance.now() < quiet) return;
      const share = moved.scrollTop / Math.max(1, moved.scrollHeight - moved.clientHeight);
      root.querySelectorAll('.texts .text').forEach((other) => {
        if (other === moved) return;
        const to = Math.round(share * (other.scrollHeight - other.clientHeight));
        if (Math.abs(other.scrollTop - to) > 1) {
          follows = other;
          other.scrollTop = to;
        }
      });
      requestAnimationFrame(() => (follows = null));
    },
    true,
  );

  const typing = (node) => node.closest?.('input, textarea, select, [contenteditable="true"]');
  document.addEventListener('keydown', (event) => {
    if (!root.isConnected || root.offsetParent === null || !payload?.columns.length || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (keyOf(event) === 'n') actions.jump(1);
    else if (keyOf(event) === 'N') actions.jump(-1);
    else if (event.key === 'Escape') {
      if (!tip.hidden) dismissed = tip.of;
      tip.hidden = true;
      if (!state.pin) return;
      state.pin = null;
      drawPin();
    }
  });

  // One word and one cell of each flow can be reached with Tab; arrows do the rest.
  root.addEventListener('focusin', (event) => {
    const here = event.target.closest?.('.w, .head, .cell, .row');
    if (!here) return;
    here.closest('.text, .flow, .ledger').querySelectorAll('[tabindex="0"]').forEach((n) => (n.tabIndex = -1));
    here.tabIndex = 0;
  });
  const reachable = () => root.querySelectorAll('.text, .flow, .ledger').forEach((flow) => {
    if (!flow.querySelector('[tabindex="0"]')) {
      const first = flow.querySelector('.w, .head, .cell, .row');
      if (first) first.tabIndex = 0;
    }
  });
  new MutationObserver(reachable).observe(root, { childList: true, subtree: true });
  new MutationObserver(() => {
    spectrum.redraw();
    sweep.redraw();
  }).observe(document.body, { attributes: true, attributeFilter: ['class'] });

  root.append(top, middle, spectrum.section, heat, limits, tip);
  watch('value', draw);
  await draw();
}
