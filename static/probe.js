// What the probes' panels share: the text of the comparison shown, its compressors, and a frame that stands only beside one.

import { h, loadWords, say } from './dom.js';

/** The source of the comparison shown, letter for letter. */
export const sourceOf = (payload) => payload.source.words.map(([gap, word]) => gap + word).join('') + payload.source.tail;

/** An address without its ratio; without its switches too, the name of its row. */
export const family = (name) => name.replace(/@\d+$/, '');
export const rowName = (name) => family(name).split('+')[0];

const busy = (told) => told?.status === 'running';

/**
 * A panel: `build(tools)` gives { controls, update(told), follow(payload) }; it is drawn once, and only its results change.
 * It stays hidden until a comparison is on the page.
 */
export async function panel(element, props, watch, name, build) {
  await loadWords(null);
  const results = h('div.results', { 'aria-live': 'polite' });
  const bar = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': say('view.progress') });
  const stop = h('button', { type: 'button', hidden: true, onclick: () => window.inspector.probe(name, {}, 'stop') }, say('page.stop'));
  const tools = {
    payload: () => window.inspector.shown,
    ask(ask) {
      bar.hidden = false;
      bar.value = 0.01;
      window.inspector.probe(name, { ...ask, text: sourceOf(window.inspector.shown) });
    },
    results,
  };
  const made = build(tools);
  const section = h('section.probe', { hidden: true, data: { probe: name }, 'aria-label': say(`${name}.title`) }, made.head, h('div.controls', {}, made.controls, stop, bar), results);
  element.replaceChildren(h('div.cv', {}, section));
  const follow = () => {
    const payload = window.inspector.shown;
    section.hidden = !payload?.columns?.length || !made.follow(payload);
  };
  const draw = () => {
    const told = props.value?.told ? JSON.parse(props.value.told) : null;
    bar.hidden = stop.hidden = !busy(told);
    bar.value = told?.progress ?? 0;
    if (!told || told.status === 'idle') return;
    if (told.status === 'error') results.replaceChildren(h('p.message', { role: 'alert' }, told.message));
    else made.update(told);
  };
  document.addEventListener('inspector:shown', follow);
  watch('value', draw);
  follow();
  draw();
}
