// One item: two texts, rows of suggestions and marks, a verdict; by mouse or keys. The same view adjudicates.

import { h, integer, number, say } from './dom.js';
import { draftOf, dropDraft, keepDraft } from './annotate-drafts.js';
import { Form } from './annotate-form.js';
import { keyOf, keyed, helpDialog } from './annotate-keys.js';
import { markdown } from './annotate-markdown.js';
import { createSide } from './annotate-text.js';
import { calibrationPanel } from './annotate-review.js';
import { chip, DIMENSIONS, kindName, SEVERITIES } from './kinds.js';

const VERDICTS = ['faithful', 'acceptable_paraphrase', 'drift', 'overwriting', 'unsure'];
const KINDS = ['entity', 'identifier', 'number', 'role', 'negation', 'modifier', 'coreference', 'predicate', 'relation', 'topic'];
const IDLE = 60; // seconds without a key or a move that still count as work
const dimension = (kind) => Object.keys(DIMENSIONS).find((name) => DIMENSIONS[name].includes(kind)) ?? 'other';
const quote = (span) => (span ? h('q', { dir: 'auto' }, span.text) : h('span.none', {}, '∅'));

/** @param judging adjudicate: labels of all are there to be taken over, and what is submitted is gold */
export function createItem(page, queue, judging = false) {
  const node = h('div.item');
  const forms = new Map(); // unsent work, by item
  const acted = []; // items in the order they were answered, for undo
  let work = null;
  let form = null;
  let desk = null;
  let guide = null;
  let timer = null;
  let active = 0;
  let busy = false;

  const sides = { source: createSide('source', (span) => chosen('source', span)), reconstruction: createSide('reconstruction', (span) => chosen('reconstruction', span)) };
  const head = h('div.bar');
  const draft = h('p.draft', { role: 'status', hidden: true }, say('annotate.draft.restored'), ' ', h('button', { type: 'button', onclick: () => dropRestored(), data: { do: 'drop-draft' } }, say('annotate.draft.drop')));
  const list = h('ol.items', { 'aria-label': say('annotate.items') });
  const kinds = h('div.kinds', { role: 'toolbar', 'aria-label': say('view.kinds') }, KINDS.map((kind) => keyed(`kind.${kind}`, [chip(kind, dimension(kind)), kindName(kind)], () => act(`kind.${kind}`))));
  const rows = h('ol.rows', { 'aria-label': say('annotate.marks') });
  const others = h('div.others');
  const verdicts = h('div.choices', { role: 'group', 'aria-label': say('annotate.verdict') });
  const comment = h('textarea', { rows: 2, name: 'comment', 'aria-label': say('annotate.comment'), placeholder: say('annotate.comment') });
  const actions = h('div.actions');
  const guideline = h('details.guideline', {}, h('summary', {}, say('annotate.do.guideline')));
  const main = h('div.desk', {}, draft, h('div.sides', {}, sides.source.node, sides.reconstruction.node), kinds, rows, verdicts, comment, actions, others, guideline);
  const blank = h('div.over');
  node.append(head, h('div.split', {}, h('nav', {}, list), h('div', {}, blank, main)));

  comment.addEventListener('input', () => {
    form.comment = comment.value;
    save();
  });
  comment.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') comment.blur();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.stopPropagation();
      act('submit');
    }
  });

  function chosen(side, span) {
    if (!form) return;
    form.select(side, span);
    draw();
  }

  async function load(item = null) {
    const told = await page.try(() => page.ask(judging ? 'judge' : 'work', { queue, item }));
    if (!told) return;
    work = { ...work, ...told };
    desk = told.desk;
    if (desk) {
      form = forms.get(desk.id) ?? begin();
      form.desk = desk;
      forms.set(desk.id, form);
      sides.source.fill(desk.source);
      sides.reconstruction.fill(desk.reconstruction);
    } else form = null;
    clock();
    draw();
    if (guide?.for !== work.queue?.guideline) await guidance();
  }

  /** A form of the item at hand, with what this browser kept of it: that is said in a line, which can drop it. */
  function begin() {
    const made = new Form(desk);
    const kept = draftOf(page.me, settings(), desk.id, judging, desk.after);
    if (!kept) return made;
    made.takeBack(kept);
    made.restored = made.stored = true;
    return made;
  }

  /** Keep what is not sent. Where nothing is, only a draft from here goes: another tab may be at the same item. */
  function save() {
    if (!form || form.sent) return;
    const at = [page.me, settings(), desk.id, judging];
    if (form.changed) keepDraft(...at, desk.after, form.kept());
    else if (form.stored) dropDraft(...at);
    form.stored = form.changed;
  }

  function sent(item) {
    if (forms.has(item)) forms.get(item).sent = true;
    forms.delete(item);
    dropDraft(page.me, settings(), item, judging);
  }

  function dropRestored() {
    const kept = form.kept();
    const empty = new Form(desk);
    sent(desk.id);
    forms.set(desk.id, (form = empty));
    draw();
    const back = () => {
      if (form !== empty) return;
      form.takeBack(kept);
      page.tell('');
      draw();
    };
    page.tell(say('annotate.draft.dropped'), false, { label: say('annotate.draft.back'), act: back });
  }

  async function guidance() {
    const told = await page.try(() => page.ask('guideline', { queue }));
    if (!told) return;
    guide = { ...told, for: work.queue?.guideline };
    guideline.replaceChildren(h('summary', {}, say('annotate.do.guideline'), ' ', h('kbd', { 'aria-hidden': 'true' }, keyOf('guideline'))), ...(told.text ? [...markdown(told.text), h('p.hint', {}, say('annotate.guideline.version', { id: told.version.slice(0, 8) }))] : [h('p.hint', {}, say('annotate.guideline.none'))]));
  }

  /** Seconds count while the item is seen, and somebody moved or typed within the last minute. */
  function clock() {
    clearInterval(timer);
    active = Date.now();
    let last = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      const seen = !document.hidden && node.isConnected && node.offsetParent !== null && Date.now() - active < IDLE * 1000;
      if (form && seen) form.seconds += Math.min(2, (now - last) / 1000);
      last = now;
    }, 500);
  }
  const stir = () => (active = Date.now());
  ['pointermove', 'keydown'].forEach((name) => document.addEventListener(name, stir));
  addEventListener('pagehide', save); // for the seconds

  const settings = () => work?.queue ?? page.queues.find((one) => one.name === queue);
  const waits = () => !judging && settings().shown === 'after' && !desk.suggestions && desk.status !== 'draft' && !desk.label;

  async function send(action, after = desk.after) {
    const label = action === 'submit' || action === 'draft' ? form.label(settings(), judging) : null;
    return page.try(() => page.ask(judging ? 'decide' : 'event', { queue, item: desk.id, action, label, after }));
  }

  async function submit() {
    if (!form.verdict) return page.tell(say('annotate.verdict.first'), true);
    const [first, item] = [waits(), desk.id];
    let told = await send(first ? 'draft' : 'submit');
    if (!told) return;
    sent(item);
    if (first) {
      await load(item);
      if (desk.suggestions) return page.tell(say('annotate.passed', { n: desk.suggestions.divergences.length }));
      told = await send('submit'); // there are none to look at
      if (!told) return;
      sent(item);
    }
    acted.push(item);
    if (judging) {
      await page.review(queue);
      return page.tell(say('annotate.gold.stored'));
    }
    await load();
    page.tell(say('annotate.stored', { time: new Date(told.time).toLocaleTimeString() }));
  }

  async function set(action) {
    const item = desk.id;
    if (!(await send(action))) return;
    sent(item);
    acted.push(item);
    await load();
    page.tell(say(`annotate.did.${action}`));
  }

  /** First what is not sent yet, then the last event of this item, then that of the item answered before. */
  async function undo() {
    if (form?.undo()) return draw();
    const back = desk?.after ? desk.id : acted.pop();
    if (!back) return page.tell(say('annotate.undo.none'));
    if (back !== desk?.id) await load(back);
    const kept = form?.kept();
    if (!desk || !(await send('undo'))) return;
    sent(back);
    const at = acted.lastIndexOf(back);
    if (at >= 0) acted.splice(at, 1);
    await load(back);
    form.takeBack(kept);
    draw();
    page.tell(say('annotate.undone'));
  }

  async function step(by) {
    if (judging) return;
    const all = work.list.map(([id]) => id);
    const to = all[(desk ? all.indexOf(desk.id) : all.length) + by];
    if (to || by > 0) await load(to ?? null);
    page.tell('');
  }

  /** Do what a key or button says; false where it means nothing here. */
  function act(action) {
    if (busy || !work) return false;
    const [group, name] = action.split('.');
    const ways = { next: () => step(1), previous: () => step(-1), undo };
    if (form) {
      Object.assign(ways, {
        submit,
        skip: judging ? null : () => set('skip'),
        discard: judging ? null : () => set('discard'),
        comment: () => comment.focus(),
        guideline: () => {
          guideline.open = !guideline.open;
          if (guideline.open) guideline.scrollIntoView({ block: 'nearest' }); // its promise is not to be waited for
        },
        next_mark: () => turn(1),
        previous_mark: () => turn(-1),
        accept: () => form.accept() && draw(),
        reject: () => form.reject() && draw(),
        relation: () => (form.relation() ? draw() : page.tell(say('annotate.relation.none'))),
        severity: () => form.severity() && draw(),
      });
      if (group === 'kind' && name) ways[action] = () => (form.kind(name) ? draw() : page.tell(say('annotate.kind.none')));
      if (group === 'verdict' && name) ways[action] = () => verdict(name);
    }
    if (!ways[action]) return false;
    const done = ways[action]();
    if (done instanceof Promise) {
      busy = true;
      node.classList.add('busy');
      done.finally(() => {
        busy = false;
        node.classList.remove('busy');
      });
    }
    return true;
  }

  function turn(by) {
    form.move(by);
    draw();
    Object.values(sides).forEach((side) => side.reveal());
    rows.querySelector('.here')?.scrollIntoView({ block: 'nearest' });
  }

  function verdict(name) {
    form.remember();
    form.verdict = name;
    draw();
  }

  function drawRow(row, index) {
    const found = row.suggestion !== null ? form.found[row.suggestion] : null;
    const answer = found ? form.answer(row.suggestion) : null;
    const choose = () => {
      form.at = index;
      draw();
      Object.values(sides).forEach((side) => side.reveal());
    };
    const severity = h('select', { 'aria-label': say('view.severity'), onchange: (event) => ((form.at = index), form.severity(event.target.value), draw()) }, SEVERITIES.map((one) => h('option', { value: one, selected: one === row.severity }, say(`severity.${one}`))));
    return h(
      `li.row.${row.state}${index === form.at ? '.here' : ''}`,
      { data: { row: index, state: row.state }, onclick: (event) => !event.target.closest('select, button') && choose(), 'aria-current': index === form.at ? 'true' : null },
      h('span.number', {}, String(index + 1)),
      chip(row.kind, dimension(row.kind), row.severity),
      h('span.what', {}, h('strong', {}, kindName(row.kind)), ' ', quote(row.source), ' → ', quote(row.reconstruction)),
      severity,
      h('span.answer', {}, say(found ? `annotate.answer.${answer ?? 'open'}` : 'annotate.answer.own'), found?.overwriting ? ` · ${say('annotate.overwriting')}` : ''),
      found ? h('span.told', { dir: 'auto' }, found.told) : null,
    );
  }

  function takeOver(name, label) {
    form.remember();
    form.rows = new Form({ ...desk, label: { ...label, decisions: desk.suggestions?.id === label.suggestions ? label.decisions : [], marks: label.marks.map((mark) => (desk.suggestions?.id === label.suggestions ? mark : { ...mark, suggestion: null })) } }).rows;
    Object.assign(form, { verdict: label.verdict, at: -1 });
    draw();
  }

  function drawOthers() {
    const told = Object.entries(desk.others ?? {});
    if (!told.length) return others.replaceChildren();
    const line = (mark) => h('li', {}, chip(mark.kind, dimension(mark.kind), mark.severity), ' ', quote(mark.source), ' → ', quote(mark.reconstruction));
    const one = ([name, label]) =>
      h('section', { data: { annotator: name } }, h('h4', { dir: 'auto' }, name, ' · ', say(`annotate.verdict.${label.verdict}`)), h('ul', {}, label.marks.map(line)), label.comment ? h('p.hint', { dir: 'auto' }, label.comment) : null, judging ? h('button', { type: 'button', onclick: () => takeOver(name, label) }, say('annotate.take')) : null);
    others.replaceChildren(h('h3', {}, say('annotate.others')), h('div.labels', {}, told.map(one)));
  }

  function drawHead() {
    const queued = settings();
    const about = desk && [desk.compressor ?? say(queued.blind && !judging ? 'annotate.hidden' : 'annotate.unknown'), desk.ratio ? `${number(desk.ratio)}×` : null, desk.calibration ? say('annotate.calibration') : null, say(judging ? 'annotate.judging' : `annotate.status.${desk.status}`)];
    head.replaceChildren(
      h('button', { type: 'button', onclick: () => (judging ? page.review(queue) : page.home()), data: { do: 'back' } }, say(judging ? 'annotate.review' : 'annotate.back')),
      h('strong', { dir: 'auto' }, queue),
      h('span.about', {}, (about || []).filter(Boolean).join(' · ')),
      ...(judging ? [] : [h('span.hint', { role: 'status' }, say('annotate.progress', { done: integer(queued.done), items: integer(queued.items), mine: integer(queued.mine.submitted ?? 0) })), h('progress', { max: Math.max(1, queued.items), value: queued.done, 'aria-hidden': 'true' })]),
      keyed('help', say('annotate.keys'), () => helpDialog(page.root)),
    );
  }

  function drawList() {
    const one = ([id, status], index) => h('li', {}, h(`button.${status}`, { type: 'button', 'aria-current': id === desk?.id ? 'true' : null, title: say(`annotate.status.${status}`), onclick: () => !busy && load(id).then(() => page.tell('')) }, String(index + 1), h('span.state', {}, say(`annotate.status.${status}`))));
    list.replaceChildren(...(judging ? [] : work.list.map(one)));
    list.parentElement.hidden = judging;
  }

  function draw() {
    drawHead();
    drawList();
    main.hidden = !desk;
    draft.hidden = !form?.restored;
    save();
    window.inspector.annotating = { desk, form, judging };
    const score = work.calibration;
    const due = score && score.done > 0 && score.done === score.items && !judging;
    blank.replaceChildren(...[desk ? null : h('p.welcome', {}, say('annotate.over')), due ? calibrationPanel(score) : null].filter(Boolean));
    if (!desk) return;
    const each = (side) => form.rows.map((row, index) => ({ span: row[side], number: index + 1, kind: row.kind, dimension: dimension(row.kind), severity: row.severity, state: row.state, current: index === form.at }));
    for (const [name, side] of Object.entries(sides)) side.mark(each(name), form.pending[name]);
    const hidden = desk.suggestions ? null : waits() ? 'annotate.suggestions.later' : settings().shown === 'never' ? null : 'annotate.suggestions.none';
    const empty = !form.rows.length ? h('li.hint', {}, say(hidden ?? (desk.suggestions ? 'annotate.suggestions.empty' : 'annotate.marks.none'))) : hidden ? h('li.hint', {}, say(hidden)) : null;
    rows.replaceChildren(...[...form.rows.map(drawRow), empty].filter(Boolean));
    verdicts.replaceChildren(...VERDICTS.map((name) => keyed(`verdict.${name}`, say(`annotate.verdict.${name}`), () => act(`verdict.${name}`), { 'aria-pressed': String(form.verdict === name) })));
    if (comment.value !== form.comment) comment.value = form.comment;
    const names = ['submit', 'accept', 'reject', 'relation', 'severity', 'undo', ...(judging ? [] : ['skip', 'discard', 'previous', 'next'])];
    const label = (name) => say(name === 'submit' && waits() ? 'annotate.do.pass' : name === 'submit' && judging ? 'annotate.do.gold' : `annotate.do.${name}`);
    actions.replaceChildren(...names.map((name) => keyed(name, label(name), () => act(name), name === 'submit' ? { className: 'keyed primary' } : {})));
    drawOthers();
  }

  return {
    node,
    load,
    act,
    reload: () => {
      forms.delete(desk?.id);
      return load(desk?.id ?? null).then(() => page.tell(''));
    },
    leave: () => {
      clearInterval(timer);
      save();
      removeEventListener('pagehide', save);
      ['pointermove', 'keydown'].forEach((name) => document.removeEventListener(name, stir));
    },
  };
}
