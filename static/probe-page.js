// The Probe page: a text and a question of one's own, and what each compressor's memory holds of it.

import { h, integer, loadWords, nameTag, number, percent, reason, say, series } from './dom.js';

const KEPT = 'inspector-probe-page'; // what is typed outlives a reload, in this tab alone
const FOUND = 'inspector-probe-found'; // and so does what was found of it
const MOST = 500_000; // characters of what was found; more is not kept
const SIDES = ['memory', 'prior', 'control'];
const FIELDS = ['text', 'question', 'answers', 'others'];
const SIGNS = { kept: '✓', other: '↺', neither: '∅' };

export async function mount(element, props, watch, settings) {
  await loadWords(null);
  const form = asking(settings);
  const results = h('div.pp-results', { 'aria-live': 'polite' }, h('p.waiting', {}, say('ask.none_yet')));
  element.replaceChildren(h('div.cv', {}, form.element, results));
  const show = (told) => {
    results.replaceChildren(...shown(told));
    results.querySelectorAll('.pp-back').forEach(toMark);
  };
  const draw = () => {
    const told = props.value?.told ? JSON.parse(props.value.told) : null;
    const busy = told?.status === 'running';
    form.busy(busy, told?.progress);
    window.inspector.askedPage = told;
    if (!told || told.status === 'idle') return;
    if (told.status === 'error') return form.message(told.message);
    form.message(told.status === 'stopped' ? say('view.stopped') : '');
    show(told);
    keep(FOUND, { ...told, status: busy ? 'stopped' : told.status }, MOST); // a reload ends a run
  };
  watch('value', draw);
  draw();
  const found = stored(FOUND);
  if (!found || window.inspector.askedPage?.columns) return;
  try {
    show(found);
    form.message(found.status === 'stopped' ? say('view.stopped') : '');
  } catch {
    results.replaceChildren(h('p.waiting', {}, say('ask.none_yet'))); // of another version
  }
}

/** A long reconstruction scrolls in its box; where the answer stands in it is what one looks for. */
function toMark(back) {
  const mark = back.querySelector('mark');
  if (mark) back.scrollTop = mark.offsetTop - back.clientHeight / 2;
}

function asking({ names, chosen, most, examples, reader }) {
  const kept = restored();
  const state = { compressors: kept?.compressors ?? chosen, mine: kept?.mine ?? null }; // mine: what was typed before an example took its place
  const box = (name, tag, more) => h(tag, { id: `ask-${name}`, placeholder: say(`ask.${name}.hint`), spellcheck: false, autocomplete: 'off', ...more, value: kept?.[name] ?? '' });
  const fields = {
    text: box('text', 'textarea', { rows: 8 }),
    question: box('question', 'input', { type: 'text', ...(reader ? { placeholder: say('ask.question.read', { name: reader }) } : {}) }),
    answers: box('answers', 'textarea', { rows: 2 }),
    others: box('others', 'textarea', { rows: 2 }),
  };
  const typed = () => Object.fromEntries(FIELDS.map((name) => [name, fields[name].value]));
  const save = () => keep(KEPT, { ...typed(), ...state });
  const note = h('p.pp-false', { role: 'status' });
  const said = h('div', { role: 'alert' });
  const bar = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': say('view.progress') });
  const stop = h('button', { type: 'button', hidden: true, onclick: () => window.inspector.probe('probe-page', {}, 'stop') }, say('page.stop'));
  const run = () => {
    take();
    save();
    bar.value = 0.01;
    bar.hidden = false;
    window.inspector.probe('probe-page', { ...typed(), compressors: state.compressors });
  };
  const chips = h('div.pp-chips');
  const add = h('input', { type: 'text', id: 'ask-add', placeholder: say('ask.add.hint'), autocomplete: 'off', spellcheck: false });
  add.setAttribute('list', 'ask-names'); // its property is read-only
  const redraw = () => {
    add.disabled = state.compressors.length >= most;
    chips.replaceChildren(...state.compressors.map((name, index) => h('button.pp-chip', { type: 'button', 'aria-label': say('ask.remove', { name }), onclick: () => drop(name) }, nameTag({ name }, index), h('span', { 'aria-hidden': 'true' }, ' ×'))));
  };
  const drop = (name) => {
    state.compressors = state.compressors.filter((each) => each !== name);
    redraw();
    save();
    (chips.querySelector('button') ?? add).focus();
  };
  const take = () => {
    const name = add.value.trim();
    if (!name || state.compressors.length >= most) return;
    if (!state.compressors.includes(name)) state.compressors = [...state.compressors, name];
    add.value = '';
    redraw();
    save();
  };
  add.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    take();
  });
  add.addEventListener('change', () => names.includes(add.value.trim()) && take());
  const same = (given) => FIELDS.every((name) => fields[name].value === given[name]);
  const mark = () => {
    const shown = examples.find((each) => each.text === fields.text.value);
    note.textContent = shown ? say(`ask.example.${shown.id}.false`) : '';
    mine.hidden = !state.mine || same(state.mine);
  };
  const fill = (given) => {
    if (!same(given) && !examples.some(same) && FIELDS.some((name) => fields[name].value.trim())) state.mine = typed();
    FIELDS.forEach((name) => (fields[name].value = given[name]));
    mark();
    save();
  };
  const mine = h('button', { type: 'button', id: 'ask-mine', hidden: true, onclick: () => fill(state.mine) }, say('ask.mine'));
  FIELDS.forEach((name) => fields[name].addEventListener('input', () => (mark(), save())));
  const example = (each) => h('button', { type: 'button', data: { example: each.id }, onclick: () => (fill(each), run()) }, say(`ask.example.${each.id}`));
  const label = (name, input = fields[name]) => h(`label.pp-${name}`, { for: input.id, htmlFor: input.id }, h('span', {}, say(`ask.${name}`)), input);
  redraw();
  mark();
  /** For links (share.js): what is asked, typed or run; and the same put into the form, and run where it can be. */
  window.inspector.probeForm = {
    get: () => ({ ...typed(), compressors: state.compressors }),
    open(given) {
      state.compressors = [...new Set(given.compressors)].slice(0, most);
      redraw();
      fill(given);
      if (given.text.trim() && given.answers.trim() && state.compressors.length) run();
    },
  };
  const element = h('section.pp-form', { 'aria-label': say('ask.title') },
    h('header', {}, h('h2', {}, say('ask.title')), h('p.hint', {}, say('ask.hint'))),
    h('div.pp-examples', { role: 'group', 'aria-label': say('ask.examples') }, h('span', {}, say('ask.examples')), examples.map(example), mine),
    note,
    h('div.pp-fields', {}, label('text'), h('div.pp-side', {}, label('question'), label('answers'), label('others'),
      h('div.pp-who', {}, h('label', { for: 'ask-add', htmlFor: 'ask-add' }, say('ask.compressors')), chips, h('div.pp-add', {}, add, h('button', { type: 'button', onclick: take }, say('ask.add'))), h('datalist', { id: 'ask-names' }, names.map((name) => h('option', { value: name })))))),
    h('div.pp-act', {}, h('button.go', { type: 'button', id: 'probe-run', title: 'Ctrl+Enter', onclick: run }, say('ask.run')), stop, bar), said);
  return {
    element,
    message(text) {
      said.replaceChildren(...(text ? [h('p.message', {}, text)] : []));
    },
    busy(busy, progress = 0) {
      bar.hidden = stop.hidden = !busy;
      bar.value = progress;
    },
  };
}

function keep(key, value, most = Infinity) {
  try {
    const letters = JSON.stringify(value);
    if (letters.length > most) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, letters);
  } catch {
    /* storage is switched off, or the text is too long for it: it lasts as long as the page */
  }
}

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function restored() {
  const value = stored(KEPT);
  const texts = (given) => FIELDS.every((name) => typeof given?.[name] === 'string');
  const whole = texts(value) && (!value.mine || texts(value.mine)) && Array.isArray(value.compressors) && value.compressors.every((name) => typeof name === 'string');
  return whole ? value : null;
}

function shown(told) {
  const cards = told.columns.map((column, index) => card(told, column, index));
  return [told.reader?.why ? h('p.hint', {}, told.reader.why) : null, h('div.pp-cards', {}, cards), told.columns.some((c) => c.odds?.length) ? h('p.hint', {}, say('ask.sums')) : null, told.drift ? sentences(told) : null].filter(Boolean);
}

function card(told, column, index) {
  const title = h('h3', {}, nameTag(column, index));
  const frame = (...parts) => h('article.pp-card', { style: { '--series': series(index).css }, data: { name: column.name } }, title, ...parts);
  if (column.status === 'error') return frame(h('p.failed', {}, reason(column.message)));
  if (column.status !== 'done') return frame(h('p.waiting', {}, say(told.status === 'running' ? 'ask.running' : 'ask.stopped')));
  const head = column.verdict
    ? h(`p.pp-verdict.pp-${column.verdict}`, {}, h('strong', {}, h('span.sign', { 'aria-hidden': 'true' }, SIGNS[column.verdict]), verdictOf(column.by, column.verdict)), h('small', {}, say(`ask.way.${column.by}`)))
    : h('p.pp-verdict.pp-none', {}, h('strong', {}, say('ask.verdict.none')));
  return frame(head, ...column.ways.map((way) => part(told, column, way)), column.read ? readPart(told, column.read) : null);
}

/** A likelihood prefers an answer; a text holds it. */
const verdictOf = (way, verdict) => say(way === 'likelihood' ? `ask.likelier.${verdict}` : `ask.verdict.${verdict}`);

function part(told, column, { way, verdict, why }) {
  const told_ = verdict && column.by !== way ? h(`span.pp-small.pp-${verdict}`, {}, h('span.sign', { 'aria-hidden': 'true' }, SIGNS[verdict]), verdictOf(way, verdict)) : null;
  const body = way === 'likelihood'
    ? (column.odds.length ? bars(told, column.odds, (side) => say(`ask.side.${side}`)) : null)
    : column[way] ? marked(column[way])
      : why ? null : h('p.absent', {}, say('ask.empty'));
  const kind = way === 'likelihood' && column.kind ? h('small', {}, say(`ask.kind.${column.kind}`)) : null;
  return h('section.pp-part', { data: { way } }, h('h4', {}, say(`ask.way.${way}`), kind, told_), body, why ? h('p.hint', {}, reason(why)) : null);
}

const marked = (pieces) => h('p.pp-back', {}, pieces.map(([text, side]) => (side ? h(`mark.pp-mark.pp-${side}`, { title: say(`ask.mark.${side}`) }, h('span.sign', { 'aria-hidden': 'true' }, SIGNS[side]), text) : text)));

/** What another language model makes of the reconstruction, all under its name. */
function readPart(told, { by, verdict, answer, why, odds, unweighed }) {
  const small = verdict ? h(`span.pp-small.pp-${verdict}`, {}, h('span.sign', { 'aria-hidden': 'true' }, SIGNS[verdict]), say(`ask.read.${verdict}`)) : null;
  const said = answer?.length ? marked(answer) : answer ? h('p.absent', {}, say('ask.empty')) : null;
  return h('section.pp-part.pp-read', { data: { way: 'read' } }, h('h4', {}, say('ask.read', { name: by }), small), said,
    odds.length ? bars(told, odds, (side) => say(`ask.read.${side}`, { name: by })) : null,
    [why, unweighed].filter(Boolean).map((each) => h('p.hint', {}, reason(each))), h('p.hint', {}, say('ask.read.hint')));
}

function bars(told, odds, of) {
  const [answer, other] = [told.answers[0], told.others[0] ?? ''];
  const row = ({ side, share, nats }) => {
    const words = say('ask.bar', { side: of(side), share: percent(share), answer, rest: percent(1 - share), other });
    return h('div.pp-odds', { data: { side } }, h('span', {}, of(side)), h('span.pp-bar', { role: 'img', 'aria-label': words, title: words, style: { '--p': share } }, h('i')), h('span.pp-share', {}, percent(share)), h('small', {}, say('ask.nats', { n: `${nats > 0 ? '+' : ''}${number(nats, 2)}` })));
  };
  return h('div.pp-bars', {}, h('p.pp-ends', {}, h('bdi', {}, `■ ${answer}`), h('bdi', {}, `${other} □`)), odds.map(row));
}

/** One table for all compressors: the text's own sentence against the same with one thing changed. */
function sentences({ drift, columns }) {
  const head = h('header', {}, h('h2', {}, say('ask.drift.title')), h('p.hint', {}, say('ask.drift.hint')));
  const notes = columns.map((column, index) => drift.none[index] && column.status !== 'error' && h('p.hint', {}, nameTag(column, index), ' ', reason(drift.none[index]))).filter(Boolean);
  if (!drift.pairs.length) return h('section.pp-drift', {}, head, notes);
  const asked = columns.map((column, index) => ({ column, index })).filter(({ index }) => !drift.none[index]);
  const score = (index) => {
    const cells = drift.pairs.map((pair) => pair.cells[index]).filter((cell) => cell && cell.right !== null);
    const counted = (side) => {
      const told = cells.map((cell) => cell[side]).filter((value) => value !== null);
      return told.length ? say('ask.drift.count', { right: integer(told.reduce((sum, value) => sum + (value > 0 ? 1 : value < 0 ? 0 : 0.5), 0)), n: integer(told.length) }) : '–';
    };
    return SIDES.map((side) => h('small', { data: { side } }, say(`ask.side.${side}`), ' ', h('b', {}, counted(side))));
  };
  const sign = (cell) => (!cell || cell.right === null ? ['–', 'none'] : cell.right === 1 ? ['✓', 'right'] : cell.right === 0 ? ['✗', 'wrong'] : ['=', 'tie']);
  const nats = (value) => (value === null ? '–' : `${value > 0 ? '+' : ''}${number(value, 1)}`);
  const cellOf = (cell, column, index) => {
    const [mark, key] = sign(cell);
    const asked = cell && cell.right !== null;
    const title = asked ? say('ask.drift.nats', { memory: nats(cell.memory), prior: nats(cell.prior), control: nats(cell.control) }) : reason(cell?.why);
    return h(`td.pp-cell.pp-${key}`, { title }, h('span.pp-of', {}, nameTag(column, index)), h('span.pp-sign', { 'aria-hidden': 'true' }, mark), h('span.pp-said', {}, say(`ask.drift.${key}`)), asked ? h('small', {}, `${nats(cell.memory)} (${nats(cell.prior)}, ${nats(cell.control)})`) : null);
  };
  const said = (key, [before, changed, after]) => h('p', {}, h('small', {}, say(`ask.drift.${key}`)), h('bdi', {}, before, h('b', {}, changed), after));
  const row = (pair, at) => h('tr', {},
    drift.pairs[at - 1]?.dimension === pair.dimension ? null : h('th', { scope: 'rowgroup', rowSpan: drift.pairs.filter((each) => each.dimension === pair.dimension).length }, say(`dimension.${pair.dimension}`)),
    h('td.pp-pair', {}, said('true', pair.true), said('altered', pair.altered)), asked.map(({ column, index }) => cellOf(pair.cells[index], column, index)));
  const why = [...new Set(drift.pairs.flatMap((pair) => pair.cells.map((cell) => reason(cell?.why))).filter(Boolean))];
  return h('section.pp-drift', {}, head, h('div.grid-scroll', {}, h('table.pp-table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, say('ask.drift.dimension')), h('th', { scope: 'col' }, say('ask.drift.pair')), asked.map(({ column, index }) => h('th', { scope: 'col' }, nameTag(column, index), score(index))))),
    h('tbody', {}, drift.pairs.map(row)))), why.map((each) => h('p.hint', {}, `– ${each}`)), notes);
}
