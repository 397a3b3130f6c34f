// The Compressors page: a line for each row of inspector/views/compressors.py, which opens to its facts, and loads and releases.

import { h, loadWords, reason, say } from './dom.js';
import { ask, controls, costs, release, states, watch } from './loads.js';

const GROUPS = ['all', 'loaded', 'ready', 'download', 'pattern', 'blocked'];

/** Mount into `element`; rows are asked for when the page is first seen. */
export async function mount(element) {
  await loadWords(null);
  const root = h('div.cv.compressors');
  element.replaceChildren(root);
  const list = h('ul.shelf');
  const bar = h('div.bar');
  const about = h('p.hint.about');
  const none = h('p.welcome', { hidden: true }, say('compressors.none'));
  const search = h('input', { type: 'search', placeholder: say('compressors.search'), 'aria-label': say('compressors.search'), oninput: () => draw() });
  root.append(about, h('div.bar', {}, search, bar), list, none);
  const state = { rows: [], made: [], here: null, group: 'all', open: new Set() };
  const lines = new Map(); // by name: { node, key }

  const every = () => state.rows.flatMap((row) => [row, ...state.made.filter((one) => one.of === row.name)]);
  const now = (row) => states[row.name] ?? Object.entries(states).find(([key]) => key.startsWith(`${row.name}+`))?.[1] ?? null;
  const stateOf = (row) => now(row)?.state ?? row.state;

  function groupOf(row) {
    const one = stateOf(row);
    if (one === 'loading') return 'loaded';
    if (one === 'failed') return { here: 'ready' }[row.state] ?? row.state;
    return one === 'here' ? 'ready' : one;
  }

  function wanted(row) {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = [row.name, reason(row.title), say(`compressors.kind.${row.kind}`), reason(row.card?.licence)].join(' ').toLowerCase();
    return (state.group === 'all' || groupOf(row) === state.group) && words.every((word) => text.includes(word));
  }

  async function refresh() {
    const answer = await ask({ do: 'list', made: state.made.map((row) => row.name) });
    if (!answer?.rows) return;
    const of = new Map(state.made.map((row) => [row.name, row.of]));
    Object.assign(state, { rows: answer.rows, made: answer.made.map((row) => ({ ...row, of: of.get(row.name) })), here: answer.here });
    draw();
  }

  function draw() {
    const here = state.here;
    if (here) {
      const settings = [`dtype ${here.dtype}`, say('compressors.bits', here), here.folder].filter(Boolean).join(', ');
      const released = here.minutes === '0' ? '' : say('compressors.released', here);
      about.replaceChildren(say('compressors.about'), ' ', say('compressors.where', { ...here, settings, free: here.free ?? say('compressors.unknown') }), ' ', released);
    }
    const count = (group) => every().filter((row) => group === 'all' || groupOf(row) === group).length;
    bar.replaceChildren(
      ...GROUPS.filter((group) => group === 'all' || group === state.group || count(group)).map((group) => {
        const choose = () => ((state.group = group), draw(), bar.querySelector(`[data-group=${group}]`)?.focus());
        return h('button', { type: 'button', data: { group }, 'aria-pressed': String(group === state.group), onclick: choose }, `${say(`compressors.group.${group}`)} ${count(group)}`);
      }),
    );
    const shown = every().filter(wanted);
    none.hidden = !state.rows.length || shown.length > 0;
    const nodes = shown.map((row) => {
      const key = JSON.stringify([row, stateOf(row), state.open.has(row.name), here]);
      const old = lines.get(row.name);
      if (old?.key !== key) lines.set(row.name, { key, node: replaced(old?.node, line(row)) });
      return lines.get(row.name).node;
    });
    if (nodes.length !== list.children.length || nodes.some((node, index) => list.children[index] !== node)) list.replaceChildren(...nodes);
  }

  /** A line drawn anew leaves the focus where it was. */
  function replaced(old, next) {
    const held = old?.contains(document.activeElement) ? document.activeElement.className : null;
    if (old?.isConnected) old.replaceWith(next);
    if (held !== null) (next.querySelector(held ? `.${held.split(' ')[0]}` : 'button') ?? next.querySelector('button')).focus({ preventScroll: true });
    return next;
  }

  function line(row) {
    const open = state.open.has(row.name);
    const toggle = () => {
      if (!state.open.delete(row.name)) state.open.add(row.name);
      draw();
    };
    const one = stateOf(row);
    const size = !row.card || one === 'blocked' ? '' : one === 'download' ? row.card.download : row.card.memory;
    const head = h(
      'button.fold',
      { type: 'button', 'aria-expanded': String(open), onclick: toggle },
      h('span.twist', { 'aria-hidden': 'true' }, open ? '▾' : '▸'),
      h('span.name', {}, row.name),
      h('span.state', { data: { state: one } }, say(`compressors.state.${one}`)),
      h('span.size', {}, size),
      h('span.sort', {}, say(`compressors.kind.${row.kind}`)),
      h('span.ratios', {}, `${row.ratios.join(', ')}×`),
      h('span.title', {}, reason(row.title)),
    );
    return h('li', { data: { name: row.name, state: one } }, head, open ? details(row, one) : null);
  }

  function details(row, one) {
    const parts = [h('p.title', {}, reason(row.title))];
    if (row.state === 'pattern') parts.push(maker(row));
    if (row.why_not && row.state === 'blocked') parts.push(h('p.why', {}, reason(row.why_not)));
    if (row.card && row.state !== 'blocked') parts.push(one === 'loaded' ? null : costs(row.card), controls(row.card, (told) => loaded(row, told)));
    if (one === 'ready') parts.push(use(row));
    if (row.card?.limits) parts.push(h('p.limits-told', {}, reason(row.card.limits)));
    parts.push(facts(row));
    return h('div.leaf', {}, parts);
  }

  function loaded(row, told) {
    const free = h('button.release', { type: 'button', onclick: () => release(row.name).then(refresh) }, say('loads.release'));
    return [h('p.how-far', {}, say('loads.loaded'), ' ', reason(told.said)), h('p.actions', {}, use(row), free)];
  }

  /** A ratio, and the button that puts NAME@RATIO on the compare page. */
  function use(row) {
    const chosen = h('select', { 'aria-label': say('measure.ratio.name') }, row.ratios.map((ratio) => h('option', { value: String(ratio), selected: ratio === row.default }, `${ratio}×`)));
    const go = h('button.use', { type: 'button', onclick: () => window.inspector.use(`${row.name}@${chosen.value}`) }, say('compressors.use'));
    return h('span.using', {}, row.ratios.length > 1 ? chosen : null, go);
  }

  /** The field of a pattern: a folder or a hub's name in the model's place makes a row of its own. */
  function maker(row) {
    const [first, place] = row.name.split(':');
    const input = h('input', { type: 'text', spellcheck: false, autocapitalize: 'off', placeholder: say('compressors.make.hint'), 'aria-label': say('compressors.make.label', { place }) });
    const said = h('p.failed', { hidden: true, role: 'alert' });
    const make = async (event) => {
      event.preventDefault();
      const model = input.value.trim();
      if (!model) return input.focus();
      const answer = await ask({ do: 'make', address: `${first}:${model}` });
      said.hidden = Boolean(answer?.row);
      said.textContent = reason(answer?.said) ?? say('compressors.make.failed');
      if (!answer?.row) return;
      state.made = [...state.made.filter((one) => one.name !== answer.row.name), { ...answer.row, of: row.name }];
      state.open.add(answer.row.name);
      Object.assign(state, { group: 'all' });
      search.value = '';
      draw();
      lines.get(answer.row.name)?.node.querySelector('.fold').focus();
    };
    return h('form.maker', { onsubmit: make }, h('p', {}, reason(row.why_not)), h('label', {}, h('code', {}, `${first}:`), input), h('button.make', { type: 'submit' }, say('compressors.make')), said);
  }

  /** Everything that is known before it loads, as terms and what is said of them. */
  function facts(row) {
    const card = row.card;
    const out = (address) => h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, address);
    const sizes = Object.entries(row.parameters).map(([part, amount]) => say(`compressors.part.${part}`, { amount }));
    const rows = [
      ['address', h('code', {}, `${row.name}${row.options.length ? `[+${row.options.join('|')}]` : ''}@${row.ratios.length > 1 ? `{${row.ratios.join(',')}}` : row.ratios[0]}`)],
      ['window', row.window ? say('compressors.tokens', { n: row.window }) : say('compressors.whole')],
      ['parameters', sizes.join(', ')],
    ];
    if (card) {
      const repos = card.parts.map((part) => {
        const where = part.here ? say('compressors.on') : say('compressors.off');
        return h('li', {}, h('code', {}, part.repo), ` ${part.size}, ${reason(part.licence)}`, h('span.where-now', {}, ` · ${where}${part.pickle ? ` · ${say('compressors.pickle')}` : ''}`));
      });
      const fits = [say('compressors.needs', { memory: card.memory, free: state.here?.free ?? say('compressors.unknown'), device: state.here?.device ?? '' })];
      rows.push(
        ['files', h('ul.parts', {}, repos)],
        ['memory', [fits, card.room ? h('p.room', {}, reason(card.room)) : null]],
        ['check', say('compressors.check.told', { measure: reason(card.check.measure), least: card.check.least, why: reason(card.check.why) })],
        ['paper', card.paper && out(card.paper)],
        ['code', card.code && out(card.code)],
        ['run', card.published === null ? null : say(card.published ? 'compressors.run.yes' : 'loads.unpublished')],
      );
    }
    return h('dl', {}, rows.filter(([, value]) => value && value.length !== 0).flatMap(([term, value]) => [h('dt', {}, say(`compressors.fact.${term}`)), h('dd', {}, value)]));
  }

  let before = '';
  const changed = () => {
    const ended = JSON.stringify(Object.entries(states).map(([key, one]) => [key, one.state]));
    if (ended !== before && before) refresh(); // what is on this machine, and its free memory, are others now
    before = ended;
    draw();
  };
  watch({ draw: changed, gone: () => !root.isConnected, seen: () => root.offsetParent !== null });
  let asked = false;
  new ResizeObserver(() => {
    if (!root.clientWidth || asked) return;
    asked = true;
    refresh();
  }).observe(root);
}
