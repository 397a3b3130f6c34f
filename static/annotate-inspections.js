// How far the server is with a queue's inspections, which it does by itself: a line in the queue's row, asked for now and then.

import { h, integer, reason, say } from './dom.js';

const EVERY = 2_000; // ms between questions, while something is under way and somebody looks
const LATER = 15_000; // ms after one that failed

export function createInspections(page, admin) {
  const rows = new Map(); // queue → draw its line
  let timer = null;
  let root = null;

  const pending = (one) => (one ? one.waiting + one.working : 0);
  const active = () => Object.values(page.inspections).some(pending);

  /** Take in what the server says: { inspections, items }. */
  function receive(told) {
    const before = page.inspections;
    Object.assign(page, { inspections: told.inspections, items: told.items });
    rows.forEach((draw) => draw());
    for (const [queue, one] of Object.entries(told.inspections)) {
      if (pending(before[queue]) && !pending(one) && !one.stopped) page.tell(one.failed ? say('annotate.inspect.failed', { queue, n: integer(one.failed) }) : say('annotate.inspect.done', { queue }), one.failed > 0);
    }
    next();
  }

  function next(wait = EVERY) {
    clearTimeout(timer);
    if (root && active()) timer = setTimeout(look, wait);
  }

  async function look() {
    if (!root?.isConnected || document.hidden || root.offsetParent === null) return next();
    try {
      receive(await page.ask('inspections'));
    } catch (error) {
      page.tell(error.message, true);
      next(LATER);
    }
  }

  const act = (queue, what) => async () => {
    const told = await page.try(() => page.ask('inspections', { queue, act: what }));
    if (told) receive(told);
  };

  function line(queue) {
    const one = page.inspections[queue];
    if (!one) return [];
    const total = one.waiting + one.working + one.done + one.failed + one.stopped;
    if (total === one.done) return [h('span.hint', {}, say('annotate.runs.done', { n: integer(total) }))];
    const button = (what) => h('button', { type: 'button', onclick: act(queue, what), data: { act: what } }, say(`annotate.runs.${what}`));
    const told = [say('annotate.runs.progress', { done: integer(one.done), total: integer(total) }), one.working ? say('annotate.runs.working') : null, one.stopped ? say('annotate.runs.stopped', { n: integer(one.stopped) }) : null];
    const buttons = admin() ? [pending(one) ? 'stop' : null, one.stopped ? 'go_on' : null, one.failed ? 'again' : null, one.stopped || one.failed ? 'drop' : null] : [];
    return [
      h('progress', { max: total, value: one.done, 'aria-hidden': 'true' }),
      h('span.hint', { role: 'status' }, told.filter(Boolean).join(' · ')),
      ...buttons.filter(Boolean).map(button),
      one.failed ? h('details', {}, h('summary', {}, say('annotate.runs.failed', { n: integer(one.failed) })), h('ul', {}, one.failures.map(([name, why]) => h('li', { dir: 'auto' }, `${name}: ${reason(why)}`)))) : null,
    ].filter(Boolean);
  }

  return {
    receive,
    /** The number of items in a queue, kept up to date. */
    items(queue) {
      return h('span', { data: { items: queue.name } }, say('annotate.queue.items', { items: integer(queue.items), texts: integer(queue.texts) }));
    },
    /** The line of a queue, empty where nothing was asked for; `work` is the button that needs an item. */
    row(queue, work) {
      const node = h('div.worked', { data: { worked: queue.name } });
      let drawn = null;
      const draw = () => {
        const state = JSON.stringify([page.inspections[queue.name], page.items[queue.name]]);
        if (state === drawn) return;
        drawn = state;
        queue.items = page.items[queue.name] ?? 0;
        work.disabled = !queue.items;
        const said = node.parentElement?.querySelector('[data-items]');
        if (said) said.textContent = say('annotate.queue.items', { items: integer(queue.items), texts: integer(queue.texts) });
        const [open, held] = [node.querySelector('details')?.open, node.contains(document.activeElement) ? document.activeElement.dataset.act : null];
        node.replaceChildren(...line(queue.name));
        const details = node.querySelector('details');
        if (details && open) details.open = true;
        if (held) node.querySelector(`[data-act=${held}]`)?.focus();
      };
      draw();
      rows.set(queue.name, draw);
      return node;
    },
    forget: () => rows.clear(),
    /** Rows were drawn anew: what is under way in them is asked for, while somebody looks. */
    follow: () => next(),
    watch(node) {
      root = node;
    },
    leave() {
      clearTimeout(timer);
      root = null;
    },
  };
}
