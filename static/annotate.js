// The Annotate page: who you are, which queue, and one of three views (queues, item, review). Questions to Python go one by one.

import { h, keep, kept, loadWords, say, spoken } from './dom.js';
import { createHome } from './annotate-home.js';
import { createItem } from './annotate-item.js';
import { createReview } from './annotate-review.js';
import { actionOf, helpDialog, loadKeys } from './annotate-keys.js';

const SILENT = 30_000; // ms without an answer

/** Questions: `ask(do, rest)` throws what an answer says is wrong. */
function channel(me) {
  let order = null;
  let waiting = null;
  let last = Promise.resolve();
  let count = 0;
  window.inspector.annotateOrder = () => order;
  const receive = (value) => {
    const told = JSON.parse(value?.json ?? 'null');
    if (told && told.id === order?.id) waiting?.(told);
  };

  function send(ask) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(say('annotate.silent'))), SILENT);
      order = { ...ask, id: (count += 1), name: me.name, language: spoken() };
      waiting = (told) => {
        clearTimeout(timer);
        if (told.error) reject(Object.assign(new Error(told.error), { conflict: told.conflict, refused: told.refused }));
        else resolve(told);
      };
      document.querySelector('#annotate-go').click();
    });
  }

  const ask = (what, rest = {}) => {
    const sent = last.then(() => send({ ...rest, do: what }));
    last = sent.catch(() => {});
    return sent;
  };
  return { ask, receive };
}

/** Mount into `element`; `choices` are the compressors that can run here. */
export async function mount(element, props, watch, choices) {
  await Promise.all([loadWords(null), loadKeys()]);
  const root = h('div.cv.annotate');
  element.replaceChildren(root);
  const line = h('p.said', { role: 'status', 'aria-live': 'polite' });
  const place = h('div');
  root.append(line, place);
  const me = { name: kept('annotator') ?? '', role: kept('annotator-role') ?? 'admin', login: false };
  const { ask, receive } = channel(me);
  watch('value', () => receive(props.value));

  let view = null;
  const page = {
    root,
    ask,
    me,
    choices,
    queues: [],
    inspections: {}, // queue → how many inspections are in which state
    items: {}, // queue → how many there are
    formats: [],
    kept,
    /** One line on what happened; `retry`, a button beside it. */
    tell(text, wrong = false, retry = null) {
      line.classList.toggle('message', wrong);
      line.replaceChildren(...[text, retry ? h('button', { type: 'button', onclick: retry.act }, retry.label) : null].filter(Boolean));
    },
    /** Run what asks; what goes wrong is told. Resolves to null then. `quiet`: only that nobody may annotate here is told. */
    async try(asking, quiet = false) {
      try {
        return await asking();
      } catch (error) {
        if (quiet && !error.refused) return null;
        page.tell(error.message, true, error.conflict && view?.reload ? { label: say('annotate.reload'), act: () => view.reload() } : null);
        return null;
      }
    },
    async open(role = null, quiet = false) {
      const told = await page.try(() => ask('open', role ? { role } : {}), quiet);
      if (!told) return null;
      Object.assign(me, told.me);
      Object.assign(page, { queues: told.queues, formats: told.formats, inspections: told.inspections, items: told.items });
      return told;
    },
    show(next) {
      view?.leave?.();
      view = next;
      place.replaceChildren(view.node);
    },
    async home() {
      page.tell('');
      if (me.name || view === null) await page.open(null, !me.name); // without a name it may still be a login's
      page.show(createHome(page));
    },
    async work(queue, item = null) {
      page.tell('');
      const made = createItem(page, queue);
      page.show(made);
      await made.load(item);
    },
    async review(queue) {
      page.tell('');
      const made = createReview(page, queue);
      page.show(made);
      await made.load();
    },
    async judge(queue, item) {
      page.tell('');
      const made = createItem(page, queue, true);
      page.show(made);
      await made.load(item);
    },
  };

  document.addEventListener('keydown', (event) => {
    const where = document.body.dataset.page;
    if (!root.isConnected || document.querySelector('dialog[open]')) return;
    const action = actionOf(event);
    if (!action) return;
    if (['compare', 'pair'].includes(where) && action === 'flag') flagHere(event, where);
    if (where !== 'annotate' || action === 'flag') return;
    if (action === 'help') {
      event.preventDefault();
      helpDialog(root);
    } else if (view?.act?.(action)) event.preventDefault();
  });

  function flagHere(event, where) {
    if (!window.inspector.shownIn[where]?.columns?.length) return;
    event.preventDefault();
    window.inspector.flag(Number(document.activeElement?.closest('.column[data-column]')?.dataset.column ?? 0), where);
  }

  /** Make the inspection in a column of the compare page, or the rewriting of two texts, an item, and open it. */
  window.inspector.flag = async (column, where = 'compare') => {
    const shown = window.inspector.shownIn[where];
    if (!shown?.columns?.length) return;
    window.inspector.turn('annotate');
    asked = true;
    if (!me.name) me.name = say('annotate.me');
    if (!(await page.open(me.role))) return;
    keep('annotator', me.name);
    const told = await page.try(() => ask('flag', { run: shown.run, pair: where === 'pair', compressor: shown.columns[column]?.name, truncate: window.inspector.truncation }));
    if (told) await page.work(told.queue, told.item);
    else page.show(createHome(page));
  };

  let asked = false;
  const seen = new IntersectionObserver((entries) => {
    if (asked || !entries.some((entry) => entry.isIntersecting)) return;
    asked = true;
    page.home();
  });
  seen.observe(element);
}
