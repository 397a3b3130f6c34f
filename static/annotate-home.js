// The first view of the Annotate page: your name, the queues, and what fills, inspects and exports them.

import { h, integer, keep, say } from './dom.js';
import { draftsIn } from './annotate-drafts.js';
import { createInspections } from './annotate-inspections.js';

const MOST = 10_000_000; // bytes of a file
const field = (key, input) => h('label', {}, h('span', {}, say(key)), input);
const select = (values, label, chosen = null) => h('select', {}, values.map((value) => h('option', { value, selected: value === chosen }, label(value))));

function base64(buffer) {
  const bytes = new Uint8Array(buffer);
  let made = '';
  for (let at = 0; at < bytes.length; at += 0x8000) made += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(made);
}

/** Hand a file of an answer to the browser. */
export function download({ file, text, base64: packed }) {
  const data = packed ? Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)) : text;
  const link = h('a', { href: URL.createObjectURL(new Blob([data])), download: file });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function createHome(page) {
  const node = h('div.home');
  const admin = () => page.me.role === 'admin';
  const judges = () => page.me.role !== 'annotator';
  let open = null; // the queue whose drawer is open
  const runs = createInspections(page, admin);

  function who() {
    if (page.me.login) return h('p.who', {}, say('annotate.who.login', { name: page.me.name }), ' ', h('span.role', {}, say(`annotate.role.${page.me.role}`)), ' ', h('a', { href: 'logout' }, say('annotate.signout')));
    const name = h('input', { type: 'text', value: page.me.name, maxLength: 64, required: true, autocomplete: 'off', name: 'annotator' });
    const role = select(['annotator', 'adjudicator', 'admin'], (one) => say(`annotate.role.${one}`), page.me.role);
    role.name = 'role';
    const go = async (event) => {
      event.preventDefault();
      page.me.name = name.value.trim();
      if (!(await page.open(role.value))) return;
      keep('annotator', page.me.name);
      keep('annotator-role', page.me.role);
      page.tell(say('annotate.hello', { name: page.me.name }));
      draw();
    };
    return h('form.who', { onsubmit: go }, field('annotate.name', name), field('annotate.role', role), h('button.primary', { type: 'submit' }, say('annotate.start')), h('p.hint', {}, say('annotate.name.hint')));
  }

  function makeQueue() {
    const name = h('input', { type: 'text', maxLength: 64, required: true, name: 'queue', autocomplete: 'off' });
    const annotators = h('input', { type: 'number', min: 1, max: 99, value: 1, name: 'annotators' });
    const shown = select(['after', 'first', 'never'], (one) => say(`annotate.shown.${one}`));
    shown.name = 'shown';
    const blind = h('input', { type: 'checkbox', name: 'blind' });
    const go = async (event) => {
      event.preventDefault();
      const told = await page.try(() => page.ask('create', { queue: name.value, annotators: Number(annotators.value), blind: blind.checked, suggestions: shown.value }));
      if (!told) return;
      open = told.queue.name;
      await refresh();
      page.tell(say('annotate.made', { name: told.queue.name }));
    };
    const fields = [field('annotate.queue.name', name), field('annotate.queue.annotators', annotators), field('annotate.queue.shown', shown), h('label.check', {}, blind, h('span', {}, say('annotate.queue.blind')))];
    return h('form.make', { onsubmit: go }, h('h2', {}, say('annotate.make')), h('div.fields', {}, fields, h('button', { type: 'submit' }, say('annotate.make.go'))));
  }

  async function refresh() {
    await page.open();
    draw();
  }

  async function take(queue, files, split, calibration) {
    const big = files.find((file) => file.size > MOST);
    if (big) return page.tell(say('annotate.import.big', { name: big.name }), true);
    const packed = await Promise.all(files.map(async (file) => ({ name: file.name, data: base64(await file.arrayBuffer()) })));
    const told = await page.try(() => page.ask('take_in', { queue, files: packed, split, calibration }));
    if (!told) return;
    await refresh();
    page.tell(say('annotate.import.done', { texts: integer(told.texts), pairs: integer(told.pairs) }));
  }

  function importing(queue) {
    const file = h('input', { type: 'file', multiple: true, accept: '.txt,.csv,.jsonl', name: 'files' });
    const split = select(['whole', 'paragraphs', 'lines'], (one) => say(`annotate.split.${one}`));
    const calibration = h('input', { type: 'checkbox' });
    const go = () => file.files.length && take(queue.name, [...file.files], split.value, calibration.checked);
    file.addEventListener('change', go);
    const drop = h('div.drop', {}, field('annotate.import', file), h('p.hint', {}, say('annotate.import.hint')));
    const over = (event) => {
      event.preventDefault();
      drop.classList.toggle('over', event.type === 'dragover');
    };
    drop.addEventListener('dragover', over);
    drop.addEventListener('dragleave', over);
    drop.addEventListener('drop', (event) => {
      over(event);
      const files = [...event.dataTransfer.files];
      if (files.length) take(queue.name, files, split.value, calibration.checked);
    });
    return h('section', {}, h('h3', {}, say('annotate.texts')), drop, h('div.fields', {}, field('annotate.split', split), h('label.check', {}, calibration, h('span', {}, say('annotate.import.calibration')))));
  }

  function inspecting(queue) {
    const chosen = h('select', { multiple: true, size: Math.min(8, Math.max(3, page.choices.length)), name: 'compressors', 'aria-label': say('page.compressors') }, page.choices.map((name) => h('option', { value: name }, name)));
    const go = async () => {
      const compressors = [...chosen.selectedOptions].map((option) => option.value);
      const told = await page.try(() => page.ask('inspect', { queue: queue.name, compressors }));
      if (!told) return;
      page.tell(say(told.waiting ? 'annotate.inspect.begun' : 'annotate.inspect.nothing', { n: integer(told.waiting) }));
      runs.receive(told);
    };
    const button = h('button', { type: 'button', onclick: go, data: { do: 'inspect' } }, say('annotate.inspect'));
    return h('section', {}, h('h3', {}, say('annotate.inspect.title')), chosen, h('p.hint', {}, say('annotate.inspect.hint')), h('div.fields', {}, button));
  }

  function exporting(queue) {
    const format = select(page.formats, (one) => say(`annotate.format.${one}`));
    format.name = 'format';
    const pseudonyms = h('input', { type: 'checkbox', name: 'pseudonyms' });
    const go = async () => {
      const told = await page.try(() => page.ask('export', { queue: queue.name, format: format.value, pseudonyms: pseudonyms.checked }));
      if (!told) return;
      download(told);
      page.tell(say('annotate.exported', { file: told.file }));
    };
    const row = [field('annotate.format', format), h('label.check', {}, pseudonyms, h('span', {}, say('annotate.pseudonyms'))), h('button', { type: 'button', onclick: go, data: { do: 'export' } }, say('annotate.export'))];
    return h('section', {}, h('h3', {}, say('annotate.export.title')), h('div.fields', {}, row));
  }

  function guiding(queue) {
    const text = h('textarea', { rows: 6, name: 'guideline', placeholder: say('annotate.guideline.hint') });
    const version = h('span.hint', {});
    const receive = (told) => {
      text.value = told.text;
      version.textContent = told.version ? say('annotate.guideline.version', { id: told.version.slice(0, 8) }) : '';
    };
    page.try(() => page.ask('guideline', { queue: queue.name })).then((told) => told && receive(told));
    const go = async () => {
      const told = await page.try(() => page.ask('guideline', { queue: queue.name, text: text.value }));
      if (!told) return;
      receive(told);
      page.tell(say('annotate.guideline.stored', { id: told.version.slice(0, 8) }));
    };
    return h('section', {}, h('h3', {}, say('annotate.do.guideline')), text, h('div.fields', {}, h('button', { type: 'button', onclick: go }, say('annotate.guideline.store')), version));
  }

  function row(queue) {
    const mine = queue.mine.submitted ?? 0;
    const unsent = draftsIn(page.me, queue);
    const drawer = admin() || judges();
    const toggle = () => {
      open = open === queue.name ? null : queue.name;
      draw();
    };
    const facts = [
      runs.items(queue),
      say('annotate.queue.done', { done: integer(queue.done), mine: integer(mine) }),
      unsent.length ? h('strong', {}, say('annotate.queue.unsent', { n: integer(unsent.length) })) : null,
      say('annotate.queue.k', { k: queue.annotators }),
      queue.blind ? say('annotate.queue.isblind') : null,
      say(`annotate.shown.${queue.shown}`),
    ].filter(Boolean);
    const work = h('button.primary', { type: 'button', onclick: () => page.work(queue.name, unsent[0] ?? null), disabled: !queue.items, data: { do: 'work' } }, say('annotate.work'));
    const buttons = [
      work,
      judges() ? h('button', { type: 'button', onclick: () => page.review(queue.name), data: { do: 'review' } }, say('annotate.review')) : null,
      drawer ? h('button', { type: 'button', onclick: toggle, 'aria-expanded': String(open === queue.name), data: { do: 'more' } }, say('annotate.more')) : null,
    ];
    const parts = open === queue.name && drawer ? h('div.drawer', {}, admin() ? [importing(queue), inspecting(queue), guiding(queue)] : null, judges() ? exporting(queue) : null) : null;
    return h(
      'li.queue',
      { data: { queue: queue.name } },
      h('div.head', {}, h('h3', { dir: 'auto' }, queue.name), h('p.hint', {}, facts.flatMap((fact, n) => (n ? [' · ', fact] : [fact]))), h('div.buttons', {}, buttons)),
      h('progress', { max: Math.max(1, queue.items), value: queue.done, 'aria-label': say('annotate.queue.done', { done: queue.done, mine }) }),
      runs.row(queue, work),
      parts,
    );
  }

  function draw() {
    const known = page.me.name && page.formats.length;
    runs.forget();
    node.replaceChildren(
      h('p.about', {}, say('annotate.about')),
      who(),
      ...(known ? [page.queues.length ? h('ol.queues', {}, page.queues.map(row)) : h('p.welcome', {}, say(admin() ? 'annotate.empty' : 'annotate.empty.annotator')), admin() ? makeQueue() : null].filter(Boolean) : []),
    );
    runs.follow(); // whoever has just given a name sees queues for the first time
  }

  open = page.queues.length === 1 && page.me.role === 'admin' && !page.queues[0].items ? page.queues[0].name : null;
  runs.watch(node);
  draw();
  return { node, leave: runs.leave };
}
